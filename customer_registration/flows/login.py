"""Log in with an identifier and a password."""

from contextvars import ContextVar
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.actors import STAFF, StaffActor
from customer_registration.conf import config
from customer_registration.enums import Provider, Purpose
from customer_registration.exceptions import AccountDeletionPending, InvalidCredentials
from customer_registration.flows import challenges, gates, roads
from customer_registration.flows.client import Client
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.flows.second_factor import challenges as second_step
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, SendSlot
from customer_registration.ratelimits.guesses import clear_all_families
from customer_registration.tokens import LoginToken

# Set while staff log in: an address that is a username would cost a hash in our backend and another in Django's.
# A keyword would tell our backend too, but make Django skip a lock-out whose signature does not take it.
by_username: ContextVar[bool] = ContextVar("by_username", default=False)


@roads.told(roads.PASSWORD)
def login(identifier: Identifier, *, password: str, client: Client) -> tuple[Customer, gates.Grant]:
    """Log a customer in; return them and what they were granted.

    Args:
        identifier: canonical; `Identifier.nobody` for text that names no one or a kind that does not log in.
        password: as typed.
        client: who asks.

    Raises:
        InvalidCredentials: unknown, wrong or inactive: one answer, one query, one hash.
        Throttled: too many logins or wrong passwords from here.
        LimiterUnavailable: the limiter's store is down.
        GateClosed: the password is right and a gate is closed.
    """
    customer = prove_password(identifier, password=password, client=client)
    try:
        grant = second_step.admit(
            customer, provider=PROVIDER_OF[identifier.kind], proven=identifier.kind, client=client, now=timezone.now()
        )
    except AccountDeletionPending:
        open_the_way_back(identifier, customer)
        raise
    if customer.is_registered and grant.verify_first is None and grant.challenge is None:
        clear_all_families(challenges.person_of(identifier.value, customer.pk))
        gates.announce_login(customer, client=client)
    return customer, grant


def prove_password(identifier: Identifier, *, password: str, client: Client) -> Customer:
    """Return the customer whose password it is, with their user loaded; every gate is still before them.

    Raises:
        InvalidCredentials: as `login` says; where accounts are concealed, while the identifier is unproven too.
        Throttled, LimiterUnavailable: as `login` says.
    """
    ratelimits.hit("login", ip=client.ip)
    wrong_password = ratelimits.hit("login_failed", ip=client.ip, key=identifier.value)
    user = authenticate(request=client.request, identifier=identifier, password=password)
    customer: Customer | None = getattr(user, "registered_customer", None)
    if customer is not None and config().conceals_accounts and not customer.has_verified(identifier.kind):
        # Where somebody else holds it there is nobody to log in, so a right password may not be told from a wrong one.
        gates.announce_failure(identifier, client=client)
        customer = None
    if customer is None:
        raise InvalidCredentials(identifier.kind)
    wrong_password.give_back()
    return customer


def open_the_way_back(identifier: Identifier, customer: Customer) -> None:
    """Let somebody who is leaving ask for a code to stay, whatever strangers have asked for or guessed meanwhile."""
    clear_all_families(challenges.person_of(identifier.value, customer.pk))
    ratelimits.forgive("account_deletion", key=identifier.value)
    purpose = Purpose.ACCOUNT_DELETION_CANCEL
    SendSlot.objects.filter(key=challenges.slot_key(purpose, identifier.value)).delete()


@roads.told(roads.PASSWORD, actor_type=STAFF)
def login_staff(identifier: Identifier, *, password: str, client: Client) -> str:
    """Log a Django staff user in by e-mail and return the token.

    The address must be that of exactly one active staff user; Django does not make e-mails unique.

    Raises:
        InvalidCredentials: anything else; one answer.
        Throttled: too many logins or wrong passwords from here.
        LimiterUnavailable: the limiter's store is down.
    """
    ratelimits.hit("login", ip=client.ip)
    wrong_password = ratelimits.hit("login_failed", ip=client.ip, key=f"user:{identifier.value}")
    actor = StaffActor(STAFF)
    staff = actor.find(identifier)
    # Through the project's backends, so that a lock-out has its say; nobody's username costs the same hash.
    username = staff.get_username() if staff else ""
    mark = by_username.set(True)
    try:
        user: Any = authenticate(request=client.request, username=username, password=password)
    finally:
        by_username.reset(mark)
    if staff is None or user is None or user.pk != staff.pk:
        raise InvalidCredentials(identifier.kind)
    wrong_password.give_back()
    clear_all_families(challenges.person_of(f"{STAFF}:{identifier.value}", ""))
    now = timezone.now()
    token = LoginToken.for_actor(actor, user, provider=Provider.EMAILPASS, auth_time=int(now.timestamp())).sign(now=now)
    user_logged_in.send(sender=type(user), request=client.request, user=user)
    return token
