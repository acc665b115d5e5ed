"""Put messages into the outbox."""

from datetime import datetime
from typing import Any

from django.db import connection

from customer_registration import languages, signals
from customer_registration.enums import OutboxState
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.models.prepared import insert


def compose(
    kind: str,
    *,
    channel: str,
    destination: str,
    now: datetime,
    customer: Customer | None = None,
    otp: OtpVerification | None = None,
    context: dict[str, Any] | None = None,
    language: str | None = None,
) -> OutboxMessage:
    """Return a message, to be written by `queue`.

    Without a destination it is a decoy: it costs the statements and the task of a real one and is never sent.

    Args:
        kind: names the template.
        channel: a key of ``CHANNELS``.
        destination: a stored, canonical contact, or "".
        now: the time of the flow.
        customer: whom it is for.
        otp: whose code or link value it carries.
        context: further values for the template, JSON, no secrets.
        language: of the text; if not given the customer's, or the active one where theirs is not known.
    """
    return OutboxMessage(
        kind=kind,
        channel=channel,
        destination=destination,
        customer=customer,
        otp=otp,
        context=context or {},
        language=languages.supported(language) or _language_of(customer),
        state=OutboxState.QUEUED if destination else OutboxState.SUPPRESSED,
        next_attempt_at=now,
        created_at=now,
    )


def _language_of(customer: Customer | None) -> str:
    """Return the language that a person reads: a stranger or staff may be asking, whose request says nothing of it."""
    return languages.supported(customer.language if customer else "") or languages.active()


def queue(*messages: OutboxMessage) -> None:
    """Write messages in the caller's transaction, in one statement; their delivery starts when that commits."""
    if len(messages) > 1 and connection.features.can_return_rows_from_bulk_insert:
        OutboxMessage.objects.bulk_create(messages)
    else:  # MySQL tells no keys of many rows at once
        for message in messages:
            insert(message)
    for message in messages:
        signals.send_on_commit(signals.message_queued, OutboxMessage, message_id=message.pk)
