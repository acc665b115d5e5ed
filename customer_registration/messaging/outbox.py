"""Put messages into the outbox."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from customer_registration import signals
from customer_registration.enums import OutboxState
from customer_registration.models import Customer, OtpVerification, OutboxMessage


def queue(
    kind: str,
    *,
    channel: str,
    destination: str,
    now: datetime,
    customer: Customer | None = None,
    otp: OtpVerification | None = None,
    context: dict[str, Any] | None = None,
) -> OutboxMessage:
    """Write a message in the caller's transaction; its delivery starts when that commits.

    Without a destination the row is a decoy: it costs the statements and the task of a real one and is never sent.

    Args:
        kind: names the template.
        channel: a key of ``CHANNELS``.
        destination: a stored, canonical contact, or "".
        now: the time of the flow.
        customer: whom it is for.
        otp: whose code or link value it carries.
        context: further values for the template, JSON, no secrets.
    """
    message = OutboxMessage.objects.create(
        kind=kind,
        channel=channel,
        destination=destination,
        customer=customer,
        otp=otp,
        context=context or {},
        language=get_language() or "",
        state=OutboxState.QUEUED if destination else OutboxState.SUPPRESSED,
        next_attempt_at=now,
        created_at=now,
    )
    signals.send_on_commit(signals.message_queued, OutboxMessage, message_id=message.pk)
    return message
