"""Text messages through Acme."""

import httpx
from django.conf import settings

from customer_registration.messaging.backends.base import BaseBackend, DeliveryError, Message


class AcmeBackend(BaseBackend):
    """Post a message to Acme's API."""

    def send(self, message: Message) -> None:
        """Send it; what Acme will never accept goes to the next backend at once."""
        body = {"to": message.destination, "text": message.text, "channel": message.channel}
        answer = httpx.post(settings.ACME_URL, json=body, timeout=10)
        if not answer.is_success:
            raise DeliveryError(f"Acme answered {answer.status_code}", permanent=answer.status_code in (400, 403))
