"""Write an identity: the row of somebody who has signed up and is no customer yet, and their Django user."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.exceptions import IdentityExists
from customer_registration.flows import claims
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.models import AccountEvent, Customer
from customer_registration.users import user_adapter


def claimant(identifier: Identifier, *, client: Client, now: datetime) -> Customer:
    """Return the customer, not saved yet, who claims an identifier."""
    return Customer(
        **{identifier.kind.value: identifier.value},
        language=client.language,
        claim_expires_at=claim_ends(now) if config().registration.require_verification else None,
        created_at=now,
        updated_at=now,
    )


def claim_ends(now: datetime) -> datetime:
    """Return when a claim that is made now lapses."""
    return now + timedelta(minutes=config().registration.unverified_ttl_minutes)


def write(customer: Customer, kind: IdentifierKind, lapsed: Customer | None, *, password: str, now: datetime) -> None:
    """Save a customer and their user, in the caller's transaction; a lapsed claim on the identifier gives way.

    Args:
        customer: not saved yet, with the identifier; it is audited and signalled as proven if it is marked so.
        kind: of the identifier they register by.
        lapsed: whose claim gives way.
        password: a hash.
        now: the time of the flow.

    Raises:
        IdentityExists: somebody else holds the identifier.
        IntegrityError: so it is for a database that tells only now.
    """
    save(customer, kind, released=give_way(lapsed, kind, now=now) if lapsed else None, password=password)


def give_way(lapsed: Customer, kind: IdentifierKind, *, now: datetime) -> AccountEvent:
    """Take a lapsed claim off its holder, in the caller's transaction; return the audit event, to be saved.

    Raises:
        IdentityExists: it was proven meanwhile.
    """
    released = claims.release(lapsed, kind, now=now)
    if released is None:
        raise IdentityExists(kind)
    return released


def save(customer: Customer, kind: IdentifierKind, *, released: AccountEvent | None, password: str) -> None:
    """Save a customer and their user, in the caller's transaction, and audit and signal it.

    Args:
        customer: not saved yet.
        kind: of the identifier they register by, which they hold or keep as a shadow.
        released: the event of a claim that gave way.
        password: a hash.

    Raises:
        IdentityExists, IntegrityError: somebody else holds the identifier.
    """
    customer.user = _create_user(customer, kind, password=password)
    customer.save(force_insert=True)
    detail = {} if customer.contact(kind) else {"shadow": True}
    events = [released, AccountEvent.of(EventKind.IDENTITY_REGISTERED, customer, contact=kind, **detail)]
    if customer.has_verified(kind):
        events.append(AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=kind))
        signals.send_on_commit(signals.contact_verified, Customer, customer=customer, kind=kind.value)
    AccountEvent.objects.bulk_create(filter(None, events))
    signals.send_on_commit(signals.identity_registered, Customer, customer=customer)


def _create_user(customer: Customer, kind: IdentifierKind, *, password: str) -> Any:
    try:
        return user_adapter().create(customer, password=password)
    except IntegrityError as error:
        raise IdentityExists(kind) from error
