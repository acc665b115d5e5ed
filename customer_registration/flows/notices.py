"""Messages that tell of a change and carry no code."""

from datetime import datetime
from typing import Any

from customer_registration.flows.verification import options
from customer_registration.identifiers import Identifier
from customer_registration.messaging import compose
from customer_registration.models import Customer, OtpVerification, OutboxMessage


def to(
    contact: Identifier,
    kind: str,
    customer: Customer,
    *,
    now: datetime,
    undo: OtpVerification | None = None,
    context: dict[str, Any] | None = None,
    language: str | None = None,
) -> OutboxMessage:
    """Return a notice to a contact, over the channel of its kind, to be queued.

    Args:
        contact: a stored, canonical contact.
        kind: names the template.
        customer: whom it is for.
        now: the time of the flow.
        undo: the row of the link that takes the change back, if the notice carries one.
        context: further values for the template: JSON, contacts masked.
        language: of the text; the customer's if not given.
    """
    return compose(
        kind,
        channel=options(contact.kind).channel,
        destination=contact.value,
        customer=customer,
        otp=undo,
        context=context,
        language=language,
        now=now,
    )
