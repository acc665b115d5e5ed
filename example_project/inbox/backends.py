"""Deliver into the inbox instead of the world."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from customer_registration.messaging.backends.base import BaseBackend, Message
from example_project.inbox.models import InboxMessage


class EmailBackend(BaseEmailBackend):
    """A Django mail backend that writes rows."""

    for_development = True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write one row a recipient."""
        for mail in email_messages:
            alternatives = mail.alternatives if isinstance(mail, EmailMultiAlternatives) else []
            html = next((str(content) for content, mimetype in alternatives if mimetype == "text/html"), "")
            for recipient in mail.recipients():
                InboxMessage.objects.create(
                    to=recipient, channel="email", subject=mail.subject, text=str(mail.body), html=html
                )
        return len(email_messages)


class SMSBackend(BaseBackend):
    """A text message backend that writes rows."""

    for_development = True

    def send(self, message: Message) -> None:
        """Write one row."""
        InboxMessage.objects.create(to=message.destination, channel=message.channel, text=message.text)
