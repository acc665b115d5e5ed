"""Register an identity, then create the customer."""

import logging
from collections.abc import Iterable
from datetime import datetime
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
from customer_registration.flows import claims, concealment, gates, identities, passwords, verification
from customer_registration.flows.client import Client
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.identifiers import Identifier
from customer_registration.messaging import queue
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.integrity import atomically
from customer_registration.models.lookups import customer_by_contact
from customer_registration.tokens import LoginToken
from customer_registration.users import user_adapter

logger = logging.getLogger(__name__)


def register(identifier: Identifier, *, password: str, client: Client) -> gates.Grant:
    """Claim an identifier with a password and return a registration token.

    The same identifier and password again, while no customer exists, resume the same identity: a storefront can repeat
    a sign-up that broke off. An unproven claim whose time is over gives way to the newcomer. Under
    ``EXISTING_ACCOUNT = "conceal"`` nothing resumes, and somebody else's identifier makes a shadow (`concealment`).

    Raises:
        IdentityExists: somebody holds the identifier, the loser of a race included.
        PasswordRejected: the project's validators refuse the password.
        Throttled: too many registrations from here.
        LimiterUnavailable: the limiter's store is down.
    """
    ratelimits.hit("register", ip=client.ip)
    now = timezone.now()
    customer = identities.claimant(identifier, client=client, now=now)
    passwords.validate(password, user_adapter().build(customer))
    holder = customer_by_contact(identifier)
    if config().conceals_accounts:
        concealment.register(customer, identifier, holder, password=make_password(password), now=now)
    elif holder is not None and not claims.lapsed(holder, identifier.kind, now=now):
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
    now, values = timezone.now(), {**profile, "language": client.language or customer.language}
    if config().conceals_accounts:
        _create_concealed(customer, taken, values, now=now)
    else:
        _create_openly(customer, taken, values, now=now)
    _send_first_codes(customer, client=client)
    return customer


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
        atomically(lambda: identities.write(customer, identifier.kind, lapsed, password=password, now=now))
    except IntegrityError as error:
        if claims.taken(error):
            raise IdentityExists(identifier.kind) from error
        raise


def _create_openly(customer: Customer, taken: list[Identifier], values: dict[str, Any], *, now: datetime) -> None:
    def write() -> None:
        events = [claims.free(identifier, now=now) for identifier in taken]
        for identifier in taken:
            claims.copy_to_user(customer, identifier)
        contacts = {identifier.kind.value: identifier.value for identifier in taken}
        _write_customer(customer, contacts | values, events, now=now)

    try:
        atomically(write)
    except IntegrityError as error:
        if kind := claims.taken(error):
            raise CustomerExists(kind) from error
        raise


def _create_concealed(customer: Customer, taken: list[Identifier], values: dict[str, Any], *, now: datetime) -> None:
    told = {identifier: concealment.may_be_told(identifier) for identifier in taken}
    # Somebody who has proven the first contact may come later than its claim lasts: that of the second begins now.
    proven = taken and any(map(customer.has_verified, IdentifierKind))
    claim = {"claim_expires_at": identities.claim_ends(now)} if proven else {}

    def write(*, shadows: bool) -> None:
        seconds = concealment.take(customer, told, now=now, shadows=shadows)
        _write_customer(customer, seconds.values | values | claim, seconds.events, now=now)
        queue(*seconds.notices)

    try:
        return atomically(lambda: write(shadows=False))
    except IdentityExists:  # somebody was quicker
        pass
    except IntegrityError as error:
        if claims.taken(error) is None:
            raise
    return atomically(lambda: write(shadows=True))


def _write_customer(
    customer: Customer, values: dict[str, Any], events: Iterable[AccountEvent | None], *, now: datetime
) -> None:
    if not Customer.objects.create_once(customer, now=now, values=values):
        raise _why_not_created(customer)
    AccountEvent.objects.bulk_create(filter(None, [*events, AccountEvent.of(EventKind.CUSTOMER_CREATED, customer)]))
    for name, value in {**values, "registered_at": now, "updated_at": now}.items():
        setattr(customer, name, value)
    signals.send_on_commit(signals.customer_registered, Customer, customer=customer)


def _why_not_created(customer: Customer) -> AlreadyCustomer | InvalidToken:
    created = Customer.objects.filter(pk=customer.pk).exclude(registered_at=None).exists()
    return AlreadyCustomer() if created else InvalidToken()


def _second_identifiers(customer: Customer, contacts: dict[IdentifierKind, Identifier]) -> list[Identifier]:
    for kind, identifier in contacts.items():
        registered = customer.claimed(kind)
        if registered is not None and registered != identifier:
            raise InvalidData(f"Invalid request: The {kind.value} differs from the registered one")
    if config().registration.identifier == "both":
        for kind in IdentifierKind:
            if kind not in contacts and customer.claimed(kind) is None:
                raise InvalidData(f"Invalid request: Field '{kind.value}' is required")
    return [identifier for kind, identifier in contacts.items() if customer.claimed(kind) is None]


def _send_first_codes(customer: Customer, *, client: Client) -> None:
    about = {"event": "first_code_not_sent", "customer_id": customer.pk}
    for kind in IdentifierKind:
        if verification.options(kind).auto_send_on_registration and customer.claimed(kind):
            try:
                verification.send_first(customer, kind, client=client)
            except CustomerRegistrationError as error:  # a code is on its way already, or a limit holds
                logger.info("No first code was sent to %s: %s", customer.pk, error, extra=about)
            except DatabaseError:  # the customer exists all the same, and can ask for a code
                logger.exception("No first code was sent to %s", customer.pk, extra=about)
