"""Text messages by the hundred, straight into the outbox: what no request would be quick enough to ask for."""

from datetime import timedelta

from django.utils import timezone

from customer_registration import messaging
from customer_registration.models import OtpVerification, OutboxMessage

LOCMEM = "customer_registration.messaging.backends.locmem.SMSBackend"
NUMBER = "+12025550123"
CAUGHT = "Held back: "


def code_to(number, *, purpose="phone_verification", channel="sms", minutes=15):
    """Write a code to a number, or an address, and its message."""
    now = timezone.now()
    otp = OtpVerification.objects.create(
        purpose=purpose,
        channel=channel,
        destination=number,
        max_attempts=5,
        expires_at=now + timedelta(minutes=minutes),
    )
    return _written(purpose, number, channel, otp)


def notice_to(number, kind="password_changed"):
    """Write a message that carries no code."""
    return _written(kind, number, "sms", None)


def texted(*messages):
    """Deliver messages; return for each whether it was handed over."""
    return [messaging.deliver(message.pk) for message in messages]


def codes_to(numbers):
    """Write and deliver a code to each number; return how many were handed over."""
    return sum(texted(*[code_to(number) for number in numbers]))


def numbers(count, prefix="+1202555"):
    """Return so many numbers of one destination prefix."""
    return [f"{prefix}{number:04}" for number in range(count)]


def _written(kind, number, channel, otp):
    message = messaging.compose(kind, channel=channel, destination=number, otp=otp, now=timezone.now(), language="en")
    message.save(force_insert=True)
    return OutboxMessage.objects.get(pk=message.pk)
