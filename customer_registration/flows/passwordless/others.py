"""Codes for actors that are not customers: staff, and the types of the project's own."""

from datetime import datetime
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models import QuerySet
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.actors import ActorType
from customer_registration.conf import config
from customer_registration.enums import Provider, Purpose
from customer_registration.exceptions import CustomerExists, InvalidOtp, NotFound
from customer_registration.flows import gates, roads
from customer_registration.flows.client import Client
from customer_registration.flows.passwordless import open_codes
from customer_registration.flows.passwordless.admission import ask_backends
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.identifiers import Identifier
from customer_registration.models import OtpVerification
from customer_registration.tokens import LoginToken

LOGIN = Purpose.CODE_LOGIN
REGISTRATION = Purpose.CODE_REGISTRATION
ACTOR_ID = "actor_id"


def generate(actor: ActorType, identifier: Identifier, *, client: Client) -> str:
    """Send a code to log in with to the actor who has an identifier, or seem to; return the flow token.

    Raises:
        NotFound: nobody has it, and ``PASSWORDLESS.CONCEAL`` is off.
        ChannelUnavailable, Throttled, LimiterUnavailable: as `open_codes.send` says.
    """
    entity = actor.find(identifier)
    if entity is None and not config().passwordless.conceal:
        open_codes.refuse_openly(Address(actor.name, identifier), client=client)
        raise NotFound
    payload = {ACTOR_ID: actor.actor_id(entity)} if entity is not None else None
    return _send(actor, identifier, LOGIN, reachable=entity is not None, payload=payload, client=client)


def pre_register(actor: ActorType, identifier: Identifier, *, client: Client) -> str:
    """Send a code to register with, where the actor type registers and nobody has the identifier, or seem to.

    Raises:
        CustomerExists: somebody has it, and ``PASSWORDLESS.CONCEAL`` is off.
        ChannelUnavailable, Throttled, LimiterUnavailable: as `open_codes.send` says.
    """
    taken = bool(actor.holders(identifier))
    if taken and actor.can_register and not config().passwordless.conceal:
        open_codes.refuse_openly(Address(actor.name, identifier), client=client)
        raise CustomerExists(identifier.kind)
    reachable = actor.can_register and not taken and identifier.kind in actor.kinds()
    return _send(actor, identifier, REGISTRATION, reachable=reachable, payload=None, client=client)


def register(actor: ActorType, brought: Brought, *, client: Client) -> str:
    """Return a registration token for a proven identifier; the project makes the actor that goes with it.

    Raises:
        InvalidOtp: wrong, expired, used, unknown, or the actor type does not register: one answer.
        CustomerExists: somebody took the identifier after the code was sent.
        CodeAttemptsExceeded, Throttled, LimiterUnavailable: as every registration.
    """
    now, identifier = timezone.now(), brought.address.identifier
    rows = open_codes.sent_for(REGISTRATION, now=now)
    match = open_codes.match_registration(brought, rows, client=client, now=now)

    def effect(row: OtpVerification) -> None:
        if not actor.can_register:
            raise InvalidOtp
        if actor.holders(identifier):
            raise CustomerExists(identifier.kind)

    open_codes.use(match, effect, now=now)
    return _newcomer(actor, identifier, now=now)


def verify(actor: ActorType, brought: Brought, *, client: Client) -> str:
    """Log an actor in with a code that was sent for it; return the token.

    Raises:
        InvalidOtp: wrong, expired, used, unknown: one answer.
        CodeAttemptsExceeded, Throttled, LimiterUnavailable: as every login.
    """
    now = timezone.now()
    return _log_in(actor, brought, open_codes.sent_for(LOGIN, now=now), client=client, now=now)


def log_in(actor: ActorType, brought: Brought, *, client: Client) -> str:
    """Log an actor in as `verify`, or with the code that has just registered them, once within a minute."""
    now = timezone.now()
    return _log_in(actor, brought, open_codes.that_log_in(now=now), client=client, now=now)


@roads.told(roads.CODE, actor_type="")
def _log_in(
    actor: ActorType, brought: Brought, rows: "QuerySet[OtpVerification]", *, client: Client, now: datetime
) -> str:
    ratelimits.hit("login", ip=client.ip)
    identifier = brought.address.identifier
    try:
        match = open_codes.match(brought, rows, purposes=(LOGIN, REGISTRATION), now=now)
        entity = _whose(match.row, actor, identifier)
    except InvalidOtp:
        gates.announce_failure(identifier, client=client)
        raise
    user = actor.user(entity) if entity is not None else None
    if user is not None:
        ask_backends(user, identifier, client=client)
    open_codes.use(match, lambda row: None, now=now)
    if entity is None:
        return _newcomer(actor, identifier, now=now)
    token = LoginToken.for_actor(actor, entity, provider=Provider.OTP, auth_time=int(now.timestamp())).sign(now=now)
    if user is not None:
        user_logged_in.send(sender=type(user), request=client.request, user=user)
    return token


def _whose(row: OtpVerification, actor: ActorType, identifier: Identifier) -> Any | None:
    """Return the actor that a right code is for; ``None`` for a newcomer, for whom the project has no entity yet."""
    entity = actor.find(identifier)
    if entity is None and (row.purpose == LOGIN or actor.holders(identifier)):
        raise InvalidOtp
    if row.purpose == LOGIN and actor.actor_id(entity) != row.payload.get(ACTOR_ID):
        raise InvalidOtp
    return entity


def _send(
    actor: ActorType,
    identifier: Identifier,
    purpose: Purpose,
    *,
    reachable: bool,
    payload: dict[str, Any] | None,
    client: Client,
) -> str:
    address = Address(actor.name, identifier)
    return open_codes.send(address, purpose, reachable=reachable, payload=payload, client=client, now=timezone.now())


def _newcomer(actor: ActorType, identifier: Identifier, *, now: datetime) -> str:
    token = LoginToken.for_newcomer(actor, identifier, provider=Provider.OTP, auth_time=int(now.timestamp()))
    return token.sign(now=now)
