"""Log in with an identifier and a password."""

from contextvars import ContextVar
from typing import Any

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.enums import IdentifierKind, Provider, Purpose
from customer_registration.exceptions import AccountDeletionPending, InvalidCredentials
from customer_registration.flows import challenges, gates
from customer_registration.flows.client import Client
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, SendSlot
from customer_registration.ratelimits.guesses import clear_all_families
from customer_registration.tokens import LoginToken
from customer_registration.users import user_adapter

# Set while staff log in: an address that is a username would cost a hash in our backend and another in Django's.
# A keyword would tell our backend too, but make Django skip a lock-out whose signature does not take it.
by_username: ContextVar[bool] = ContextVar("by_username", default=False)


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
    ratelimits.hit("login", ip=client.ip)
    wrong_password = ratelimits.hit("login_failed", ip=client.ip, key=identifier.value)
    user = authenticate(request=client.request, identifier=identifier, password=password)
    customer: Customer | None = getattr(user, "registered_customer", None)
    if customer is None:
        raise InvalidCredentials(identifier.kind)
    wrong_password.give_back()
    try:
        grant = gates.admit(customer, provider=PROVIDER_OF[identifier.kind], proven=identifier.kind, now=timezone.now())
    except AccountDeletionPending:
        _open_the_way_back(identifier, customer)
        raise
    if customer.is_registered and grant.verify_first is None:
        clear_all_families(challenges.person_of(identifier.value, customer.pk))
        gates.announce_login(customer, client=client)
    return customer, grant


def _open_the_way_back(identifier: Identifier, customer: Customer) -> None:
    """Let somebody who is leaving ask for a code to stay, whatever strangers have asked for or guessed meanwhile."""
    clear_all_families(challenges.person_of(identifier.value, customer.pk))
    ratelimits.forgive("account_deletion", key=identifier.value)
    purpose = Purpose.ACCOUNT_DELETION_CANCEL
    SendSlot.objects.filter(key=challenges.slot_key(purpose, identifier.value)).delete()


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
    staff = _staff_user(identifier)
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
    now = timezone.now()
    token = LoginToken.for_user(user, provider=Provider.EMAILPASS, auth_time=int(now.timestamp())).sign(now=now)
    user_logged_in.send(sender=type(user), request=client.request, user=user)
    return token


def _staff_user(identifier: Identifier) -> Any | None:
    field = user_adapter().field_for(IdentifierKind.EMAIL)
    if field is None:
        return None  # the model has no e-mail addresses
    candidates = get_user_model()._default_manager.filter(
        **{f"{field.name}__iexact": identifier.value or "@"}, is_active=True, is_staff=True
    )
    # Collations may call other strings equal; only this one is.
    matching = [user for user in candidates[:5] if getattr(user, field.name).lower() == identifier.value]
    return matching[0] if len(matching) == 1 else None
