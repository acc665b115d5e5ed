"""Messages in memory, for tests."""

from customer_registration.messaging.backends.base import BaseBackend, Message

__all__ = ["SMSBackend", "outbox"]

outbox: list[Message] = []


class SMSBackend(BaseBackend):
    """Keep text messages in ``outbox`` instead of sending them; a test clears it before it begins."""

    for_development = True

    def send(self, message: Message) -> None:
        """Append the message."""
        outbox.append(message)
