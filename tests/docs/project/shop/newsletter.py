"""A mailing list."""

forgotten: list[str] = []


def forget(customer_id: str) -> None:
    """Take a customer from the list."""
    forgotten.append(customer_id)
