"""A service for notifications."""

pushed: list[tuple[str, str]] = []


def push(to: str, text: str) -> None:
    """Send a notification."""
    pushed.append((to, text))
