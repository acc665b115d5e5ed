"""What the customer reads on the way: scheduled, reminded, cancelled, erased."""

from datetime import datetime

from django.utils import timezone

from customer_registration.flows import notices
from customer_registration.flows.verification import options
from customer_registration.identifiers import Identifier
from customer_registration.messaging import LAST_WORDS, compose
from customer_registration.models import AccountDeletionRequest, Customer, OutboxMessage


def scheduled(request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return the notice that says when the account will be erased, and how to keep it."""
    return _notice("account_deletion_scheduled", request, customer, now=now)


def reminder(request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return the notice that says so again, shortly before."""
    return _notice("account_deletion_reminder", request, customer, now=now)


def cancelled(request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    """Return the notice that the account stays."""
    return _notice("account_deletion_cancelled", request, customer, now=now)


def erased(request: AccountDeletionRequest, contact: Identifier, *, now: datetime) -> OutboxMessage:
    """Return the last message to somebody who is gone; the outbox forgets the address once it is sent."""
    return compose(
        LAST_WORDS,
        channel=options(contact.kind).channel,
        destination=contact.value,
        language=request.language,
        now=now,
    )


def contact_for_last_words(customer: Customer) -> Identifier | None:
    """Return where the last message goes: to the contact that was told of the deletion."""
    return customer.notice_contact


def _notice(kind: str, request: AccountDeletionRequest, customer: Customer, *, now: datetime) -> list[OutboxMessage]:
    contact = customer.notice_contact
    if contact is None:
        return []
    context = {"scheduled_on": _day(request.scheduled_at)} if request.scheduled_at else {}
    language = request.language
    return [notices.to(contact, kind, customer, now=now, context=context, language=language)]


def _day(moment: datetime) -> str:
    """Return the day in the project's time zone, ISO 8601: the template spells it in the reader's language."""
    return timezone.localtime(moment).date().isoformat()
