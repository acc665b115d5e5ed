"""What a bearer token opens, and how it is renewed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from customer_registration import ratelimits, signals
from customer_registration.actors import CUSTOMER, actor_type
from customer_registration.enums import EventKind, Provider
from customer_registration.exceptions import AccountInactive, GateClosed, InvalidToken
from customer_registration.flows import claims, gates
from customer_registration.flows.client import Client
from customer_registration.flows.second_factor import challenges as second_step
from customer_registration.identifiers import Identifier, kind_of
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.integrity import atomically
from customer_registration.models.lookups import customer_by_id
from customer_registration.tokens import LoginToken, epoch_matches

RECENTLY = timedelta(minutes=10)  # how old a proof may be where only a fresh one will do


@dataclass(frozen=True, slots=True)
class Session:
    """A live token and the person behind it.

    Args:
        token: what it says.
        customer: whose it is, created or not yet; ``None`` for other actor types.
        user: the Django user, or ``None`` for actors of the project's that have none.
        entity: the project's own actor, or staff's user; ``None`` for customers and for who has only registered.
        identifier: what somebody who is about to become an actor of the project's has proven.
    """

    token: LoginToken
    customer: Customer | None
    user: Any
    entity: Any = None
    identifier: Identifier | None = None

    @property
    def known_customer(self) -> Customer:
        """The customer, where a guard has made sure that there is one."""
        assert self.customer is not None  # noqa: S101  # nosec B101  # for the type checker
        return self.customer

    @property
    def mfa_at(self) -> int | None:
        """When a second factor was shown, in seconds since the epoch, or ``None``.

        A code of ``LOGIN.SECOND_STEP`` is none once the person has enrolled one, which the token knows nothing of.
        """
        enrolled_since = self.customer is not None and self.customer.has_second_factor and not self.token.mfa_enabled
        return None if enrolled_since else self.token.mfa_at

    @property
    def has_actor(self) -> bool:
        """Whether the token speaks for an actor, beyond an identity."""
        return bool(self.token.actor_id)


def is_recent(seconds: int | None, *, now: datetime) -> bool:
    """Whether a proof is under ten minutes old.

    Args:
        seconds: when it was given, in seconds since the epoch; ``None`` if it was not.
        now: the time of the flow.
    """
    return seconds is not None and now.timestamp() - seconds < RECENTLY.total_seconds()


def open_session(bearer: object) -> Session | None:
    """Return the session of a bearer token, or ``None`` if it opens nothing. One SELECT."""
    try:
        return _open(LoginToken.read(bearer))
    except InvalidToken:
        return None


def open_claims(claims: dict[str, Any]) -> Session | None:
    """Return the session of claims that a cookie session has kept, or ``None`` if they open nothing. One SELECT."""
    try:
        token = LoginToken.parse(claims)
    except InvalidToken:
        return None
    return _open(token) if token.claims["exp"] > timezone.now().timestamp() else None


def _open(token: LoginToken) -> Session | None:
    if token.actor_type != CUSTOMER:
        return _open_actor(token)
    customer = customer_by_id.first(token.customer_id)
    if customer is None or not customer.is_active or customer.deletion_scheduled_at is not None:
        return None
    if claims.signed_up_in_vain(customer, now=timezone.now()):
        return None
    return Session(token, customer, customer.user) if epoch_matches(customer, token.epoch) else None


def _open_actor(token: LoginToken) -> Session | None:
    actor = actor_type(token.actor_type)
    if actor is None:
        return None
    if not token.actor_id:
        proven = Identifier(kind_of(token.identifier), token.identifier) if token.identifier else None
        return Session(token, None, None, identifier=proven) if proven and actor.can_register else None
    entity = actor.get(token.actor_id)
    user = actor.user(entity) if entity is not None else None
    if entity is None or (user is not None and not user.is_active) or not epoch_matches(user, token.epoch):
        return None
    return Session(token, None, user, entity=entity)


def refresh(session: Session, *, client: Client) -> gates.Grant:
    """Renew a session's token; a registration token gains its actor once the customer exists.

    Where a second factor has come into force since the login, it is asked for.

    Raises:
        InvalidToken: the session is older than ``LOGIN.SESSION_MAX_DAYS``.
        GateClosed: a gate has closed since the login.
        Throttled: too many second factors were asked for from here.
        LimiterUnavailable: the limiter's store is down.
    """
    now = timezone.now()
    token = session.token
    if token.session_ends_at <= now.timestamp():
        raise InvalidToken
    provider = Provider(token.auth_provider)
    if session.customer is None:
        return gates.Grant(_renewed(session, provider=provider).sign(now=now))
    try:
        return second_step.admit(
            session.customer,
            provider=provider,
            proven=None,
            client=client,
            now=now,
            auth_time=token.auth_time,
            mfa_at=session.mfa_at,
        )
    except AccountInactive as error:
        raise InvalidToken from error


def _renewed(session: Session, *, provider: Provider) -> LoginToken:
    token = session.token
    actor = actor_type(token.actor_type)
    assert actor is not None  # noqa: S101  # nosec B101  # for the type checker: the session is open
    proven = session.identifier
    entity = actor.find(proven) if proven is not None else session.entity
    if entity is None and proven is not None:
        return LoginToken.for_newcomer(actor, proven, provider=provider, auth_time=token.auth_time)
    return LoginToken.for_actor(actor, entity, provider=provider, auth_time=token.auth_time)


def reissue(session: Session, customer: Customer, *, now: datetime, auth_time: int | None = None) -> str | None:
    """Return a new token after a change that ended every older one; ``None`` where a gate has closed meanwhile.

    Args:
        session: the caller's.
        customer: as changed.
        now: the time of the flow.
        auth_time: when they proved themselves, in seconds since the epoch; that of the session if not given.
    """
    token = session.token
    try:
        return gates.admit(
            customer,
            provider=Provider(token.auth_provider),
            proven=None,
            now=now,
            auth_time=token.auth_time if auth_time is None else auth_time,
            mfa_at=session.mfa_at,
        ).token
    except GateClosed:
        return None


def end_all(session: Session) -> None:
    """End every session of a customer, this one included, whatever device they are on."""
    end_all_of(session.known_customer)


def end_all_of(customer: Customer, **detail: str) -> None:
    """End every session of a customer.

    Args:
        customer: whose.
        detail: for the audit event.
    """
    now = timezone.now()

    def write() -> None:
        # Whatever a change under way has just minted dies with the rest, so no condition here.
        Customer.objects.raise_epoch(customer.pk, now=now)
        AccountEvent.of(EventKind.SESSIONS_ENDED, customer, contact=None, **detail).save(force_insert=True)
        signals.send_on_commit(signals.sessions_ended, Customer, customer=customer)

    atomically(write)


def count_opening(client: Client) -> None:
    """Count a cookie session that is about to be stored, as the login it comes from.

    Raises:
        Throttled: too many from this address.
        LimiterUnavailable: the limiter's store is down.
    """
    ratelimits.hit("login", ip=client.ip)
