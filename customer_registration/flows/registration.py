"""Register an identity, then create the customer."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, IntegrityError
from django.utils import timezone

from customer_registration import ratelimits, signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.exceptions import (
    AlreadyCustomer,
    CustomerExists,
    CustomerRegistrationError,
    IdentityExists,
    InvalidData,
    InvalidToken,
)
from customer_registration.flows import claims, gates, passwords, verification
from customer_registration.flows.client import Client
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.identifiers import Identifier
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.integrity import atomically
from customer_registration.tokens import LoginToken
from customer_registration.users import user_adapter

logger = logging.getLogger(__name__)


def register(identifier: Identifier, *, password: str, client: Client) -> gates.Grant:
    """Claim an identifier with a password and return a registration token.

    The same identifier and password again, while no customer exists, resume the same identity: a storefront can repeat
    a sign-up that broke off. An unproven claim whose time is over gives way to the newcomer.

    Raises:
        IdentityExists: somebody holds the identifier, the loser of a race included.
        PasswordRejected: the project's validators refuse the password.
        Throttled: too many registrations from here.
        LimiterUnavailable: the limiter's store is down.
    """
    ratelimits.hit("register", ip=client.ip)
    now = timezone.now()
    customer = claimant(identifier, now=now)
    passwords.validate(password, user_adapter().build(customer))
    holder = Customer.objects.identified_by(identifier).first()
    if holder is not None and not claims.lapsed(holder, identifier.kind, now=now):
        customer = _resume(holder, identifier, password=password, client=client)
    else:
        _create_identity(customer, identifier, holder, password=make_password(password), now=now)
    token = LoginToken.for_customer(
        customer, provider=PROVIDER_OF[identifier.kind], auth_time=int(now.timestamp()), actorless=True
    )
    return gates.Grant(token.sign(now=now))


def create(
    customer: Customer, *, contacts: dict[IdentifierKind, Identifier], profile: dict[str, Any], client: Client
) -> Customer:
    """Turn a registered identity into a customer.

    Args:
        customer: the registration token's, with its user loaded.
        contacts: the identifiers given; the registered one may be repeated, a second one is taken here.
        profile: ``first_name``, ``last_name``, ``company_name``, ``metadata``, those that were given.
        client: who asks.

    Raises:
        AlreadyCustomer: it was created before.
        InvalidData: an identifier contradicts the registered one, or mode ``both`` lacks one.
        CustomerExists: somebody holds the second identifier.
    """
    if customer.is_registered:
        raise AlreadyCustomer
    taken = _second_identifiers(customer, contacts)
    now = timezone.now()
    try:
        atomically(lambda: _write_customer(customer, taken, profile, now=now))
    except IntegrityError as error:
        if kind := claims.taken(error):
            raise CustomerExists(kind) from error
        raise
    _send_first_codes(customer, client=client)
    return customer


def claimant(identifier: Identifier, *, now: datetime) -> Customer:
    """Return the customer, not saved yet, who claims an identifier."""
    options = config().registration
    lapses = timedelta(minutes=options.unverified_ttl_minutes)
    return Customer(
        **{identifier.kind.value: identifier.value},
        claim_expires_at=now + lapses if options.require_verification else None,
        created_at=now,
        updated_at=now,
    )


def write_identity(
    customer: Customer, identifier: Identifier, lapsed: Customer | None, *, password: str, now: datetime
) -> None:
    """Save a customer and their user, in the caller's transaction; a lapsed claim on the identifier gives way.

    Args:
        customer: not saved yet, with the identifier; it is audited and signalled as proven if it is marked so.
        identifier: what they register by.
        lapsed: whose claim gives way.
        password: a hash.
        now: the time of the flow.

    Raises:
        IdentityExists: somebody else holds the identifier.
        IntegrityError: so it is for a database that tells only now.
    """
    released = claims.release(lapsed, identifier.kind, now=now) if lapsed else None
    if lapsed and released is None:
        raise IdentityExists(identifier.kind)
    customer.user = _create_user(customer, identifier.kind, password=password)
    customer.save(force_insert=True)
    events = [released, AccountEvent.of(EventKind.IDENTITY_REGISTERED, customer, contact=identifier.kind)]
    if customer.has_verified(identifier.kind):
        events.append(AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=identifier.kind))
        proven = {"customer": customer, "kind": identifier.kind.value}
        signals.send_on_commit(signals.contact_verified, Customer, **proven)
    AccountEvent.objects.bulk_create(filter(None, events))
    signals.send_on_commit(signals.identity_registered, Customer, customer=customer)


def _resume(holder: Customer, identifier: Identifier, *, password: str, client: Client) -> Customer:
    if holder.is_registered or not holder.is_active:
        raise IdentityExists(identifier.kind)
    # A password is checked here, so it counts as a try to log in: this is no second road for guessing.
    wrong_password = ratelimits.hit("login_failed", ip=client.ip, key=identifier.value)
    if holder.user is None or not holder.user.check_password(password):
        raise IdentityExists(identifier.kind)
    wrong_password.give_back()
    return holder


def _create_identity(
    customer: Customer, identifier: Identifier, lapsed: Customer | None, *, password: str, now: datetime
) -> None:
    try:
        atomically(lambda: write_identity(customer, identifier, lapsed, password=password, now=now))
    except IntegrityError as error:
        if claims.taken(error):
            raise IdentityExists(identifier.kind) from error
        raise


def _write_customer(customer: Customer, taken: list[Identifier], profile: dict[str, Any], *, now: datetime) -> None:
    events = [claims.free(identifier, now=now) for identifier in taken]
    for identifier in taken:
        claims.copy_to_user(customer, identifier)
    values = {identifier.kind.value: identifier.value for identifier in taken} | profile
    if not Customer.objects.create_once(customer, now=now, values=values):
        raise _why_not_created(customer)
    AccountEvent.objects.bulk_create(filter(None, [*events, AccountEvent.of(EventKind.CUSTOMER_CREATED, customer)]))
    for name, value in {**values, "registered_at": now, "updated_at": now}.items():
        setattr(customer, name, value)
    signals.send_on_commit(signals.customer_registered, Customer, customer=customer)


def _create_user(customer: Customer, kind: IdentifierKind, *, password: str) -> Any:
    try:
        return user_adapter().create(customer, password=password)
    except IntegrityError as error:
        raise IdentityExists(kind) from error


def _why_not_created(customer: Customer) -> AlreadyCustomer | InvalidToken:
    created = Customer.objects.filter(pk=customer.pk).exclude(registered_at=None).exists()
    return AlreadyCustomer() if created else InvalidToken()


def _second_identifiers(customer: Customer, contacts: dict[IdentifierKind, Identifier]) -> list[Identifier]:
    for kind, identifier in contacts.items():
        registered = customer.contact(kind)
        if registered is not None and registered != identifier:
            raise InvalidData(f"Invalid request: The {kind.value} differs from the registered one")
    if config().registration.identifier == "both":
        for kind in IdentifierKind:
            if kind not in contacts and customer.contact(kind) is None:
                raise InvalidData(f"Invalid request: Field '{kind.value}' is required")
    return [identifier for kind, identifier in contacts.items() if customer.contact(kind) is None]


def _send_first_codes(customer: Customer, *, client: Client) -> None:
    for kind in IdentifierKind:
        if verification.options(kind).auto_send_on_registration and customer.contact(kind):
            try:
                verification.send_first(customer, kind, client=client)
            except CustomerRegistrationError as error:  # a code is on its way already, or a limit holds
                logger.info("No first code was sent to %s: %s", customer.pk, error)
            except DatabaseError:  # the customer exists all the same, and can ask for a code
                logger.exception("No first code was sent to %s", customer.pk)
