"""What the customer reads on the way: scheduled, reminded, cancelled, erased."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce

from customer_registration.enums import IdentifierKind, OutboxState
from customer_registration.flows import notices
from customer_registration.flows.verification import options
from customer_registration.local_time import local
from customer_registration.messaging import LAST_WORDS
from customer_registration.models import AccountDeletionRequest, Customer, OutboxMessage
from customer_registration.models.customer import unproven_order


def scheduled(request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return the notice that says when the account will be erased, and how to keep it."""
    return _notice("account_deletion_scheduled", request, customer, now=now)


def reminder(request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return the notice that says so again, shortly before."""
    return _notice("account_deletion_reminder", request, customer, now=now)


def cancelled(request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return the notice that the account stays."""
    return _notice("account_deletion_cancelled", request, customer, now=now)


def last_words(*, now: datetime) -> dict[str, Any]:
    """Return the values of the last message to somebody who is gone, as expressions over their deletion request.

    It goes to the contact that was told all along (`Customer.notice_contact`); the outbox forgets it once it is sent.
    """
    return {
        "kind": LAST_WORDS,
        "channel": Case(
            When(told__contains="@", then=Value(options(IdentifierKind.EMAIL).channel)),
            default=Value(options(IdentifierKind.PHONE).channel),
        ),
        "destination": F("told"),
        "context": {},
        "language": F("language"),
        "state": OutboxState.QUEUED.value,
        "tries": 0,
        "next_attempt_at": now,
        "last_error": "",
        "created_at": now,
    }


def told(requests: QuerySet[AccountDeletionRequest]) -> QuerySet[AccountDeletionRequest]:
    """Return the requests of people who can be told, with their `Customer.notice_contact` as ``told``."""
    contact = Coalesce(
        Case(When(customer__email_verified_at__isnull=False, then=F("customer__email"))),
        Case(When(customer__phone_verified_at__isnull=False, then=F("customer__phone"))),
        *(F(f"customer__{kind.value}") for kind in unproven_order()),
        output_field=CharField(),
    )
    return requests.annotate(told=contact).filter(told__isnull=False)


def _notice(kind: str, request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return a notice for every proven contact: a thief who added one of his own must not be the only one told."""
    held = [contact for contact in map(customer.contact, IdentifierKind) if contact]
    proven = [contact for contact in held if customer.has_verified(contact.kind)]
    told = proven or filter(None, [customer.notice_contact])
    context = {"scheduled_on": _day(request.scheduled_at)} if request.scheduled_at else {}
    return [
        notices.to(contact, kind, customer, now=now, context=context, language=request.language) for contact in told
    ]


def _day(moment: datetime) -> str:
    """Return the day in the project's time zone, ISO 8601: the template spells it in the reader's language."""
    return local(moment).date().isoformat()
