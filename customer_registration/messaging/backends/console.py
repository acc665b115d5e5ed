"""Messages on standard output, for development."""

import sys

from customer_registration.messaging.backends.base import BaseBackend, Message

__all__ = ["SMSBackend"]


class SMSBackend(BaseBackend):
    """Print text messages instead of sending them."""

    for_development = True

    def send(self, message: Message) -> None:
        """Write the message to standard output."""
        sys.stdout.write(f"SMS to {message.destination}\n{message.text}\n")
        sys.stdout.flush()
