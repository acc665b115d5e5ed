"""E-mail through Django's own mail settings."""

from typing import Any

from django.core.mail import EmailMultiAlternatives

from customer_registration.messaging.backends.base import BaseBackend, Message


class DjangoMailBackend(BaseBackend):
    """Send by ``EmailMultiAlternatives.send()``, which serves ``EMAIL_BACKEND`` and Django 6.1's ``MAILERS`` alike.

    Args:
        alias: a key of ``MAILERS``; ``None`` takes the default mailer.
    """

    def __init__(self, alias: str | None = None) -> None:
        self.options: dict[str, Any] = {"using": alias} if alias else {}

    def send(self, message: Message) -> None:
        """Send as text with an HTML alternative, from ``DEFAULT_FROM_EMAIL``."""
        mail = EmailMultiAlternatives(subject=message.subject, body=message.text, to=[message.destination])
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        mail.send(**self.options)
