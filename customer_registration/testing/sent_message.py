"""One message of a test, as its recipient has it: its text, and the secret that it carries."""

from functools import cached_property

from django.conf import settings
from django.utils import translation

from customer_registration import languages
from customer_registration.messaging import content
from customer_registration.messaging.backends.base import Message
from customer_registration.models import Customer, OutboxMessage


class SentMessage:
    """One message, as its recipient has it.

    Attributes:
        kind: names the template, such as ``email_verification``.
        channel: a key of ``CHANNELS``.
        to: the e-mail address or, in E.164, the phone number.
        language: of the text.
        customer: whom it is for; ``None`` for people who have no account.
        delivered: whether a backend has taken it; until the transaction commits none has.
        error: what a backend said that failed; the message is tried again.
    """

    def __init__(
        self, row: OutboxMessage, *, original: OutboxMessage, message: Message | None, delivered: bool
    ) -> None:
        """Tell of a row.

        Args:
            row: as it is now.
            original: as it was read, or handed over, first; it is not to be saved.
            message: what was made of it, if it was handed over.
            delivered: whether a backend has taken it.
        """
        self._row, self._message = original, message
        self.kind: str = row.kind
        self.channel: str = row.channel
        self.to: str = original.destination or (original.otp.destination if original.otp else "")
        original.destination = self.to  # of people without an account it is blanked once their message is sent
        self.language: str = row.language
        self.customer: Customer | None = row.customer
        self.delivered = delivered
        self.error: str = row.last_error

    def __repr__(self) -> str:
        return f"<SentMessage: {self.kind} to {self.to}{'' if self.delivered else ', not delivered yet'}>"

    @property
    def subject(self) -> str:
        """The subject of a mail; a text message has none."""
        return self._rendered.subject

    @property
    def text(self) -> str:
        """The plain text."""
        return self._rendered.text

    @property
    def html(self) -> str:
        """The HTML of a mail."""
        return self._rendered.html

    @property
    def code(self) -> str | None:
        """The code that it carries, wherever the template shows it; ``None`` if it carries none."""
        return self._secrets.get("otp")

    @property
    def token(self) -> str | None:
        """The value that its link carries, to be posted by a storefront's page; ``None`` if it carries none."""
        return self._secrets.get("token")

    @property
    def link(self) -> str | None:
        """The link that it carries, "" without ``STOREFRONT_URL``; ``None`` if it carries none."""
        return self._secrets.get("link")

    @cached_property
    def _rendered(self) -> Message:
        if self._message is not None:
            return self._message
        with translation.override(languages.supported(self.language) or settings.LANGUAGE_CODE):
            return content.render(self._row)

    @property
    def _secrets(self) -> dict[str, str]:
        return content.secrets_of(self._row.otp) if self._row.otp is not None else {}
