"""Messages to nobody: every kind of message with values that are plainly made up, for previews and tests."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from customer_registration.conf import Config, config
from customer_registration.enums import Channel, Provider, Purpose
from customer_registration.identifiers import is_number
from customer_registration.local_time import today
from customer_registration.messaging.backends.base import Message
from customer_registration.messaging.content import LINK_PATHS, link_values, write

__all__ = ["kinds", "sample", "sample_to"]

NAME, EMAIL, PHONE = "Ada", "ada@example.com", "+12025550123"
NEW_CONTACT = {Channel.EMAIL: "n***@example.com", Channel.SMS: "+12*****0199"}
DIGITS, LETTERS = "1234567890123456", "BCDFGHJKLMNPQRST"
LINK_TOKEN_LENGTH, RESET_TOKEN_LENGTH = 91, 273  # as long as real ones, so that segments are counted right
TEMPLATES = Path(__file__).parents[1] / "templates" / "customer_registration"
SUFFIXES = {Channel.EMAIL: ".subject.txt", Channel.SMS: ".txt"}


def kinds(channel: Channel) -> list[str]:
    """Return the kinds of message that a channel has built-in templates for, in the order of the alphabet.

    Args:
        channel: mail, or text message.
    """
    suffix = SUFFIXES[channel]
    return sorted(path.name.removesuffix(suffix) for path in (TEMPLATES / channel.value).glob(f"*{suffix}"))


def sample(kind: str, channel: Channel) -> Message:
    """Return a message to nobody with made-up values in the active language, as `sample_to` does.

    Args:
        kind: one of `kinds` of the channel.
        channel: mail, or text message.
    """
    return sample_to(EMAIL if channel == Channel.EMAIL else PHONE, kind, channel=channel.value)


def sample_to(destination: str, kind: str, *, channel: str) -> Message:
    """Return a message with made-up values in the active language, from the templates that real ones are written from.

    Args:
        destination: a canonical e-mail address or phone number.
        kind: one of `kinds` of mail, or of text messages.
        channel: a key of ``CHANNELS``.
    """
    form = Channel.SMS if is_number(destination) else Channel.EMAIL
    return write(kind, channel, destination, _values(kind, form, config()))


def _values(kind: str, channel: Channel, chosen: Config) -> dict[str, Any]:
    changed = "email" if channel == Channel.EMAIL else "phone"
    values: dict[str, Any] = {
        "customer_name": NAME,
        "expires_minutes": chosen.otp.expiry_minutes,
        "expires_days": chosen.contact_change.undo_days,
        "changed": changed,
        "to": NEW_CONTACT[channel],
        "scheduled_on": today() + timedelta(days=chosen.account_deletion_request.scheduled_days),
    }
    if kind not in Purpose:
        return values
    purpose = Purpose(kind)
    if purpose not in LINK_PATHS:
        letters = LETTERS if chosen.otp.charset == "alphanumeric" else DIGITS
        return {**values, "otp": letters[: chosen.otp.length]}
    if purpose != Purpose.PASSWORD_RESET:
        return {**values, **link_values(purpose, _token(LINK_TOKEN_LENGTH))}
    to, provider = (EMAIL, Provider.EMAILPASS) if channel == Channel.EMAIL else (PHONE, Provider.PHONEPASS)
    return {**values, **link_values(purpose, _token(RESET_TOKEN_LENGTH), destination=to, provider=provider)}


def _token(length: int) -> str:
    return ("SAMPLE-" * length)[:length]
