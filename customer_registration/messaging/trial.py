"""Send a sample through the project's backends now, past the outbox: what an operator tries after a change of provider.

No row is written, no customer is needed, and the code or link in it was never anybody's. It is a message that somebody
gets and that a provider bills, so the SMS guard has its say.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone, translation

from customer_registration import languages
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Purpose
from customer_registration.identifiers import Identifier
from customer_registration.messaging import sms_guard
from customer_registration.messaging.channels import load_backend
from customer_registration.messaging.delivery import reason_of
from customer_registration.messaging.samples import sample_to
from customer_registration.models import OutboxMessage

KINDS = {IdentifierKind.EMAIL: Purpose.EMAIL_VERIFICATION, IdentifierKind.PHONE: Purpose.PHONE_VERIFICATION}


@dataclass(frozen=True, slots=True)
class Trial:
    """What one backend did with a sample.

    Args:
        backend: its name in ``CHANNELS``.
        seconds: how long it took.
        refusal: why it has not taken it, without contact; "" if it has.
        held_back: whether the SMS guard refused, and the backend was not asked.
    """

    backend: str
    seconds: float
    refusal: str = ""
    held_back: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether the backend took it."""
        return not self.refusal


def channel_for(kind: IdentifierKind) -> str:
    """Return the channel that verification codes to a kind of contact go by."""
    chosen = config()
    return (chosen.email_verification if kind == IdentifierKind.EMAIL else chosen.phone_verification).channel


def backends_of(channel: str) -> list[str]:
    """Return the names of a channel's backends in the order they are tried; none where there is no such channel."""
    return list(config().channels.get(channel) or ())


def send(
    contact: Identifier, backends: list[str], *, channel: str, language: str = "", kind: str = ""
) -> Iterator[Trial]:
    """Hand a sample to each backend in turn, whatever the ones before did; yield what came of it.

    Args:
        contact: where it goes.
        backends: names of `backends_of` the channel.
        channel: a key of ``CHANNELS``.
        language: of the text, one of ``LANGUAGES``; ``LANGUAGE_CODE`` if not given.
        kind: of message, one of `samples.kinds`; that of a verification code if not given.

    Raises:
        LimiterUnavailable: the SMS guard cannot count, since the limiter's store is down.
    """
    now = timezone.now()
    message = OutboxMessage(kind=kind or KINDS[contact.kind], channel=channel, destination=contact.value)
    for name in backends:
        if refusal := sms_guard.admit(message, now=now):
            yield Trial(name, 0, refusal.reason, held_back=True)
            continue
        began = time.perf_counter()
        refused = ""
        try:
            with translation.override(languages.supported(language) or settings.LANGUAGE_CODE):
                load_backend(name).send(sample_to(contact.value, message.kind, channel=channel))
        except Exception as error:  # a host's backend may raise anything, and the next one is to be tried all the same
            refused = reason_of(error, message)
        yield Trial(name, time.perf_counter() - began, refused)
