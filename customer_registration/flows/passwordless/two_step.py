"""Log in in two steps, by password and then by a code to the same identifier; a cookie session is the end of it."""

from typing import Any

from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.actors import CUSTOMER
from customer_registration.enums import Purpose
from customer_registration.exceptions import AccountDeletionPending, InvalidCredentials, InvalidOtp
from customer_registration.flows import gates, login, roads
from customer_registration.flows.client import Client
from customer_registration.flows.passwordless import open_codes
from customer_registration.flows.passwordless.admission import ask_backends
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.flows.second_factor import challenges as second_step
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer

PURPOSE = Purpose.TWO_STEP_LOGIN
FAMILY = "two_step_login"  # of its own: a stranger's wrong codes to log in with alone must not close this road


@roads.told(roads.PASSWORD)
def begin(identifier: Identifier, *, password: str, client: Client) -> tuple[Customer, gates.Grant | None]:
    """Take the password and send the code.

    Returns:
        The customer; and what stands before the second step, if something does: a contact to verify, or an enrolled
        factor, which is shown in place of the code.

    Raises:
        InvalidCredentials: unknown, wrong or inactive, and who has not become a customer yet.
        Throttled: too many logins or wrong passwords from here, or the last code is too new.
        LimiterUnavailable: the limiter's store is down.
        GateClosed: the password is right and a gate is closed.
    """
    customer, now = login.prove_password(identifier, password=password, client=client), timezone.now()
    if not customer.is_registered:
        raise InvalidCredentials(identifier.kind)
    shown = None if customer.has_second_factor else int(now.timestamp())  # the code is the second step
    grant = _admit(customer, identifier, client=client, now=now, mfa_at=shown)
    if grant.verify_first is not None or grant.challenge is not None:
        return customer, grant
    open_codes.send(Address(CUSTOMER, identifier), PURPOSE, reachable=True, customer=customer, client=client, now=now)
    return customer, None


@roads.told(roads.TWO_STEPS)
def finish(identifier: Identifier, *, typed: str, client: Client) -> tuple[Customer, gates.Grant]:
    """Take the code; return the customer and what they were granted. No address is verified by it.

    Raises:
        InvalidOtp: wrong, expired, used, unknown: one answer.
        CodeAttemptsExceeded: the person's family of codes has had all its guesses.
        Throttled, LimiterUnavailable: as every login.
        GateClosed: the code is right and a gate has closed since the password.
    """
    ratelimits.hit("login", ip=client.ip)
    now = timezone.now()
    rows = open_codes.sent_for(PURPOSE, now=now)
    brought = Brought(Address(CUSTOMER, identifier), typed)
    try:
        match = open_codes.match(brought, rows, purposes=(PURPOSE,), now=now, family=FAMILY)
        customer = match.row.customer
        if customer is None or customer.contact(identifier.kind) != identifier or not customer.is_active:
            raise InvalidOtp
    except InvalidOtp:
        gates.announce_failure(identifier, client=client)
        raise
    ask_backends(customer.user, identifier, client=client)
    open_codes.use(match, lambda row: None, now=now)
    shown = None if customer.has_second_factor else int(now.timestamp())
    grant = _admit(customer, identifier, client=client, now=now, mfa_at=shown)
    if grant.verify_first is None and grant.challenge is None:
        gates.announce_login(customer, client=client)
    return customer, grant


def _admit(customer: Customer, identifier: Identifier, **options: Any) -> gates.Grant:
    provider = PROVIDER_OF[identifier.kind]
    try:
        return second_step.admit(customer, provider=provider, proven=identifier.kind, **options)
    except AccountDeletionPending:
        login.open_the_way_back(identifier, customer)
        raise
