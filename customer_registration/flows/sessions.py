"""What a bearer token opens, and how it is renewed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone

from customer_registration import ratelimits, signals
from customer_registration.enums import EventKind, Provider
from customer_registration.exceptions import AccountInactive, GateClosed, InvalidToken
from customer_registration.flows import gates
from customer_registration.flows.client import Client
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.integrity import atomically
from customer_registration.tokens import LoginToken, epoch_matches


@dataclass(frozen=True, slots=True)
class Session:
    """A live token and the person behind it: a customer, created or not yet, or another actor's user."""

    token: LoginToken
    customer: Customer | None
    user: Any

    @property
    def known_customer(self) -> Customer:
        """The customer, where a guard has made sure that there is one."""
        assert self.customer is not None  # noqa: S101  # for the type checker
        return self.customer

    @property
    def has_actor(self) -> bool:
        """Whether the token speaks for an actor, beyond an identity."""
        return bool(self.token.actor_id)


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
    if token.actor_type == "user":
        staff = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
        try:
            user = staff.filter(pk=token.actor_id).first()
        except (ValueError, ValidationError):  # no key of this user model
            return None
        return Session(token, None, user) if user and epoch_matches(user, token.epoch) else None
    customer = Customer.objects.select_related("user").filter(pk=token.customer_id).first()
    if customer is None or not customer.is_active or customer.deletion_scheduled_at is not None:
        return None
    return Session(token, customer, customer.user) if epoch_matches(customer, token.epoch) else None


def refresh(session: Session) -> gates.Grant:
    """Renew a session's token; a registration token gains its actor once the customer exists.

    Raises:
        InvalidToken: the session is older than ``LOGIN.SESSION_MAX_DAYS``.
        GateClosed: a gate has closed since the login.
    """
    now = timezone.now()
    token = session.token
    if token.session_ends_at <= now.timestamp():
        raise InvalidToken
    provider = Provider(token.auth_provider)
    if session.customer is None:
        renewed = LoginToken.for_user(session.user, provider=provider, auth_time=token.auth_time)
        return gates.Grant(renewed.sign(now=now))
    try:
        return gates.admit(
            session.customer,
            provider=provider,
            proven=None,
            now=now,
            auth_time=token.auth_time,
            mfa_at=token.mfa_at,
        )
    except AccountInactive as error:
        raise InvalidToken from error


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
            mfa_at=token.mfa_at,
        ).token
    except GateClosed:
        return None


def end_all(session: Session) -> None:
    """End every session of a customer, this one included, whatever device they are on."""
    customer, now = session.known_customer, timezone.now()

    def write() -> None:
        # Whatever a change under way has just minted dies with the rest, so no condition here.
        Customer.objects.raise_epoch(customer.pk, now=now)
        AccountEvent.of(EventKind.SESSIONS_ENDED, customer).save(force_insert=True)
        signals.send_on_commit(signals.sessions_ended, Customer, customer=customer)

    atomically(write)


def count_opening(client: Client) -> None:
    """Count a cookie session that is about to be stored, as the login it comes from.

    Raises:
        Throttled: too many from this address.
        LimiterUnavailable: the limiter's store is down.
    """
    ratelimits.hit("login", ip=client.ip)
