"""Set a second factor up, and put it in force once it is shown to work."""

from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from customer_registration import signals
from customer_registration.enums import EventKind, FactorProvider, FactorStatus, IdentifierKind
from customer_registration.exceptions import (
    FactorExists,
    FactorNotFound,
    FactorUnavailable,
    InvalidSecondFactor,
    LimiterUnavailable,
    ReauthenticationRequired,
)
from customer_registration.flows import sessions
from customer_registration.flows.client import Client
from customer_registration.flows.second_factor import authenticator, proofs, sending
from customer_registration.flows.second_factor.news import tell
from customer_registration.flows.sessions import Session
from customer_registration.models import AccountEvent, Customer, SecondFactor
from customer_registration.models.ids import FACTOR_PREFIX
from customer_registration.models.integrity import atomically, violates_unique


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A factor that is set up, and for an app what it has to know, shown this once.

    Args:
        factor: pending.
        secret: the seed in base32, to be typed.
        otpauth_url: the same for a link on the phone itself.
        qr_svg: the same to be scanned.
    """

    factor: SecondFactor
    secret: str | None = field(default=None, repr=False)
    otpauth_url: str | None = field(default=None, repr=False)
    qr_svg: str | None = field(default=None, repr=False)


def listed(customer: Customer) -> list[SecondFactor]:
    """Return a person's factors, the newest first."""
    found = SecondFactor.objects.filter(customer=customer).select_related("customer")
    return list(found.order_by("-created_at", "-pk"))


def find(customer: Customer, factor_id: str) -> SecondFactor:
    """Return a person's factor.

    Raises:
        FactorNotFound: they have no such one.
    """
    # Ids are letters and digits; PostgreSQL chokes on a NUL, and MariaDB takes other spellings for equal.
    if factor_id.removeprefix(FACTOR_PREFIX).isalnum():
        factor = SecondFactor.objects.filter(pk=factor_id, customer=customer).first()
        if factor is not None and factor.pk == factor_id:
            factor.customer = customer  # with the user loaded
            return factor
    raise FactorNotFound


def enrol(
    session: Session,
    provider: FactorProvider,
    *,
    label: str | None,
    issuer: str | None,
    metadata: dict[str, Any],
    client: Client,
) -> Enrolment:
    """Set a factor up, in place of a pending one of the kind. No login asks for it yet.

    Args:
        session: the caller's.
        provider: the kind of factor.
        label: what the person calls it; an app shows it as the account.
        issuer: what an app calls the shop.
        metadata: the storefront's own; for codes ``entity_type`` says where they go, ``email`` or ``phone``.
        client: who asks.

    Raises:
        FactorExists: one of the kind is in force.
        ReauthenticationRequired: the login is too old, or no factor was shown beside which this one comes.
        FactorUnavailable: no contact is proven, so the address may not be theirs; or the server lacks what apps take.
        ChannelUnavailable, Throttled: the first code cannot be sent.
        InvalidToken: another request has ended the session meanwhile.
        LimiterUnavailable: the limiter's store is down.
    """
    customer, now = session.known_customer, timezone.now()
    enabled = list(SecondFactor.objects.enabled().filter(customer=customer))
    if any(each.provider == provider for each in enabled):
        raise FactorExists
    _require_recent_login(session, enabled, now=now)
    kind = _proven_kind(customer, metadata.get("entity_type"))
    factor = SecondFactor(
        customer=customer,
        provider=provider,
        metadata=metadata if label is None else metadata | {"label": label},
        created_at=now,
        updated_at=now,
    )
    if provider == FactorProvider.OTP:
        contact = customer.contact(kind)
        assert contact is not None  # noqa: S101  # nosec B101  # for the type checker: it is proven
        sending.send(customer, contact, client=client, now=now)
        factor.contact_kind, factor.metadata = kind.value, factor.metadata | {"entity_type": kind.value}
        _save(factor, now=now)
        return Enrolment(factor)
    authenticator.require_libraries(authenticator.TO_ENROL)
    seed = authenticator.new_seed()
    factor.secret = authenticator.seal(seed)
    _save(factor, now=now)
    contact = customer.notice_contact
    account = label or (contact.value if contact else customer.pk)
    url = authenticator.url_of(seed, account=account, issuer=issuer)
    return Enrolment(factor, seed, url, authenticator.qr_svg(url))


def enable(session: Session, factor_id: str, *, code: str) -> SecondFactor:
    """Put a pending factor in force with its first code; every login and refresh asks for a factor from now on.

    Raises:
        FactorNotFound: the person has no such factor, or it was taken away.
        FactorExists: it is in force already, or another one of the kind.
        ReauthenticationRequired: the login is too old, or no factor was shown beside which this one comes.
        InvalidSecondFactor: the code is wrong.
        SecondFactorAttemptsExceeded: the code or the person has had all guesses.
        FactorUnavailable: the server lacks what authenticator apps take.
        InvalidToken: another request has ended the session meanwhile.
        LimiterUnavailable: the limiter's store is down.
    """
    customer, now = session.known_customer, timezone.now()
    factor = find(customer, factor_id)
    if factor.status == FactorStatus.ENABLED:
        raise FactorExists
    if factor.status == FactorStatus.DISABLED:
        raise FactorNotFound
    enabled = list(SecondFactor.objects.enabled().filter(customer=customer)) if customer.has_second_factor else []
    _require_recent_login(session, enabled, now=now)
    _, guess = proofs.guess_of(customer)
    with proofs.not_counted_if_unavailable(guess):
        proof = _proof_of(factor, code, now=now)
    if proof is None:
        raise InvalidSecondFactor

    after = copy(customer)
    after.has_second_factor = True

    def write() -> None:
        proof.use_up(now=now)
        if not SecondFactor.objects.enable(factor, now=now):
            raise FactorNotFound
        proofs.keep_session(customer, now=now, has_second_factor=True)
        AccountEvent.of(EventKind.FACTOR_ENABLED, after, provider=factor.provider).save(force_insert=True)
        tell(after, "second_factor_enabled", now=now)
        enabled = {"customer": after, "provider": factor.provider}
        signals.send_on_commit(signals.second_factor_enabled, Customer, **enabled)

    try:
        atomically(write)
    except IntegrityError as error:
        if violates_unique(error, SecondFactor, "enabled_key"):
            raise FactorExists from error
        raise
    with suppress(LimiterUnavailable):  # the proof has been committed
        # Given back and no more: whoever sets a factor of their own up has proven nothing about one in force.
        guess.give_back()
    factor.status, factor.enabled_at, factor.updated_at = FactorStatus.ENABLED, now, now
    return factor


def _require_recent_login(session: Session, enabled: list[SecondFactor], *, now: datetime) -> None:
    """Make sure that it is the owner who changes what guards the account, and no session that was left behind.

    A factor in force was shown within ten minutes; or the login is as young as that, and so are the factors in force:
    somebody sets two up in one sitting.

    Raises:
        ReauthenticationRequired: neither.
    """
    if enabled and sessions.is_recent(session.mfa_at, now=now):
        return
    in_force_since = [each.enabled_at for each in enabled]
    one_sitting = all(since is not None and now - since < sessions.RECENTLY for since in in_force_since)
    if not (one_sitting and sessions.is_recent(session.token.auth_time, now=now)):
        raise ReauthenticationRequired


def _proven_kind(customer: Customer, wanted: Any) -> IdentifierKind:
    """Return where codes go: as wanted, else to the phone, which is not what most people log in by.

    Raises:
        FactorUnavailable: no contact is proven.
    """
    named = [kind for kind in IdentifierKind if kind == wanted]
    for kind in (*named, IdentifierKind.PHONE, IdentifierKind.EMAIL):
        if customer.contact(kind) and customer.has_verified(kind):
            return kind
    raise FactorUnavailable


def _save(factor: SecondFactor, *, now: datetime) -> None:
    def write() -> None:
        others = SecondFactor.objects.filter(customer=factor.customer, provider=factor.provider)
        others.filter(status=FactorStatus.PENDING).delete()
        factor.save(force_insert=True)
        proofs.keep_session(factor.customer, now=now)

    atomically(write)


def _proof_of(factor: SecondFactor, code: str, *, now: datetime) -> proofs.Proof | None:
    if factor.provider == FactorProvider.TOTP:
        return proofs.of_app(factor, code, now=now)
    row = sending.live_code(factor.customer, now=now)
    contact = factor.customer.contact(IdentifierKind(factor.contact_kind))
    went_there = row is not None and contact is not None and row.destination == contact.value
    return proofs.of_code(row, code, now=now) if went_there else None
