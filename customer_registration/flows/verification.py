"""Prove that a contact is the customer's by a code sent to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from customer_registration import keys, signals
from customer_registration.conf import EmailVerification, PhoneVerification, config
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.exceptions import (
    AlreadyVerified,
    ChannelUnavailable,
    GateClosed,
    InvalidCode,
    InvalidOtp,
)
from customer_registration.flows import challenges, claims, gates, proving, reviewers, roads
from customer_registration.flows.challenges import Challenge, Dispatch, Older
from customer_registration.flows.client import Client
from customer_registration.flows.passwordless.admission import ask_backends
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.identifiers import Identifier
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.lookups import customer_by_id
from customer_registration.models.prepared import LookUp, insert
from customer_registration.tokens import CodeToken

FAMILY = "verification"
CODE = {
    IdentifierKind.EMAIL: Purpose.EMAIL_VERIFICATION,
    IdentifierKind.PHONE: Purpose.PHONE_VERIFICATION,
}
LINK = {
    IdentifierKind.EMAIL: Purpose.EMAIL_VERIFICATION_LINK,
    IdentifierKind.PHONE: Purpose.PHONE_VERIFICATION_LINK,
}
KIND_OF = {purpose: kind for purposes in (CODE, LINK) for kind, purpose in purposes.items()}


@dataclass(frozen=True, slots=True)
class Verified:
    """A contact was proven. ``token`` is ``None`` where a login by it would not get one."""

    customer: Customer
    token: str | None = field(repr=False)


def options(kind: IdentifierKind) -> EmailVerification | PhoneVerification:
    """Return the settings of verifying a kind of contact."""
    return config().email_verification if kind == IdentifierKind.EMAIL else config().phone_verification


def channel_of(kind: IdentifierKind) -> str:
    """Return the channel that reaches a kind of contact.

    Raises:
        ChannelUnavailable: the project has no backend for it.
    """
    channel = options(kind).channel
    if not config().channels.get(channel):
        raise ChannelUnavailable
    return channel


def throttle_of(kind: IdentifierKind) -> timedelta:
    """Return how long after a code or a link to a kind of contact the next one may go out."""
    return timedelta(seconds=options(kind).resend_throttle_seconds)


def send(customer_id: str, kind: IdentifierKind, *, client: Client) -> Challenge:
    """Send a code to a customer's contact; for an id that is nobody's, seem to.

    Raises:
        AlreadyVerified: nothing to do.
        ChannelUnavailable: nothing can be sent to this kind of contact.
        Throttled: inside the resend throttle, alike for everybody.
        LimiterUnavailable: the limiter's store is down.
    """
    now = timezone.now()
    # Newer codes replace those of nobody too, and start with their guesses, or the older flow token would tell.
    sent = _sent_to(customer_id, CODE[kind])
    customer = sent.customer if sent else customer_by_id.first(customer_id)
    if customer is not None and customer.pk != customer_id:
        customer = None  # MariaDB's collation calls other spellings equal; each would have throttles of its own
    if customer is not None and customer.has_verified(kind):
        raise AlreadyVerified
    older = _live(sent, now=now)
    return _send_code(customer_id, customer, kind, older=older, client=client, now=now, expect_first=sent is None)


def send_first(customer: Customer, kind: IdentifierKind, *, client: Client) -> Challenge:
    """Send the code that ``AUTO_SEND_ON_REGISTRATION`` promises; three statements.

    Raises:
        Throttled: a code was asked for already.
    """
    return _send_code(customer.pk, customer, kind, older=None, client=client, now=timezone.now(), expect_first=True)


def verify(token: str, *, code: str, client: Client) -> Verified:
    """Prove a contact with the code that was sent to it, and log in where every gate is open.

    Raises:
        InvalidToken: the flow token is forged, foreign or too old.
        InvalidCode, CodeExpired, CodeAttemptsExceeded: as `proving.prove` says.
        LimiterUnavailable: the limiter's store is down.
    """
    named = CodeToken.read(token, *CODE.values())
    now = timezone.now()
    kind = KIND_OF[named.purpose]

    def wrong(row: OtpVerification) -> None:
        seen = seen_by(row.customer, kind, now=now)  # nobody's, where there is nobody to be proven
        gates.announce_failure(Identifier(kind, seen), client=client)

    customer = proving.prove(
        named.row_id, typed=code, family=FAMILY, person=named.person, effect=mark_verified(now), now=now, wrong=wrong
    )
    contact = customer.contact(kind)
    return Verified(customer, _log_in(customer, contact, client=client, now=now) if contact else None)


def _send_code(
    asked_for: str,
    customer: Customer | None,
    kind: IdentifierKind,
    *,
    older: Older | None,
    client: Client,
    now: datetime,
    expect_first: bool = False,
) -> Challenge:
    purpose = CODE[kind]
    row = issue(purpose, asked_for, customer, kind, older=older, client=client, now=now, expect_first=expect_first)
    person = challenges.person_of(seen_by(customer, kind, now=now), asked_for)
    token = CodeToken(row_id=row.pk, purpose=purpose, person=person)
    return Challenge(token.sign(now=now, expires_at=row.expires_at), row.expires_at)


def issue(
    purpose: Purpose,
    asked_for: str,
    customer: Customer | None,
    kind: IdentifierKind,
    *,
    older: Older | None,
    client: Client,
    now: datetime,
    payload: dict[str, Any] | None = None,
    expect_first: bool = False,
) -> OtpVerification:
    """Issue a code or a link for a contact, under the throttle that both share; as `challenges.issue`."""
    # A shadow counts on the limits of the contact that it is of, which is somebody else's; nothing is sent there.
    claimed = _claimed(customer, kind, now=now)
    destination = customer.contact(kind) if customer and claimed else None
    left = claims.time_left(customer, kind, now=now) if customer and claimed else None
    dispatch = Dispatch(
        purpose=purpose,
        slot=CODE[kind],
        channel=channel_of(kind),
        throttle=throttle_of(kind),
        limits={"code_send": claimed.value if claimed else asked_for},
        lifetime=min(left, timedelta(minutes=config().otp.expiry_minutes)) if left is not None else None,
        payload=reviewers.marked(payload, purpose, destination, customer, now=now),
        subject=_subjects(asked_for)[0],
    )
    return challenges.issue(
        dispatch,
        asked_for=asked_for,
        customer=customer,
        destination=destination,
        older=older,
        find_older=lambda: _live(_sent_to(asked_for, purpose), now=now),
        client=client,
        now=now,
        expect_first=expect_first,
    )


def _claimed(customer: Customer | None, kind: IdentifierKind, *, now: datetime) -> Identifier | None:
    """Return what a code is asked for to, held or a shadow; ``None`` where there is nobody who could bring it."""
    return claims.shown(customer, kind, now=now) if customer and customer.is_active else None


def seen_by(customer: Customer | None, kind: IdentifierKind, *, now: datetime) -> str:
    """Return the contact that codes go to, or that a shadow pretends they go to; "" where none is to be proven."""
    claimed = _claimed(customer, kind, now=now)
    return claimed.value if claimed else ""


def _sent_to(asked_for: str, purpose: Purpose) -> OtpVerification | None:
    """Return what was sent for an id, known or not: what is still unused, else what is newest."""
    return _sent.first(purpose.value, *_subjects(asked_for))


def _of_subjects(purpose: str, *subjects: str) -> QuerySet[OtpVerification]:
    rows = OtpVerification.objects.filter(purpose=purpose, subject__in=subjects)
    return rows.select_related("customer__user").order_by(F("consumed_at").desc(nulls_first=True), "-pk")[:1]


_sent = LookUp(OtpVerification, _of_subjects)


def _live(row: OtpVerification | None, *, now: datetime) -> Older | None:
    return Older(row.pk, row.attempts) if row and row.consumed_at is None and row.expires_at > now else None


def _subjects(asked_for: str) -> list[str]:
    return keys.keyed_hashes("verification.subject", asked_for)


def mark_verified(now: datetime) -> Callable[[OtpVerification], Customer]:
    """Return the effect of a proof: the contact is verified, audited and signalled; to be run as it is consumed."""

    def effect(row: OtpVerification) -> Customer:
        kind = KIND_OF[Purpose(row.purpose)]
        customer = row.customer
        contact = Identifier(kind, row.destination)
        if customer is None or not customer.is_active:
            raise InvalidCode(attempts_remaining=0)
        if not prove_contact(customer, contact, now=now):
            raise InvalidCode(attempts_remaining=0)
        return customer

    return effect


def prove_contact(customer: Customer, contact: Identifier, *, now: datetime) -> bool:
    """Mark a contact proven, audited and signalled, in the caller's transaction; ``False`` if it is theirs no more."""
    kind = contact.kind
    if not Customer.objects.verify_contact(customer.pk, contact, now=now):
        return False
    setattr(customer, f"{kind.value}_verified_at", now)
    customer.updated_at = now
    insert(AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=kind))
    signals.send_on_commit(signals.contact_verified, Customer, customer=customer, kind=kind.value)
    return True


def _log_in(customer: Customer, contact: Identifier, *, client: Client, now: datetime) -> str | None:
    kind = contact.kind
    # A code proves an address, not who registered it: before the customer exists only the password goes on.
    if kind not in gates.login_kinds() or not customer.is_registered:
        return None
    try:
        grant = gates.admit(customer, provider=PROVIDER_OF[kind], proven=kind, now=now)
        ask_backends(customer.user, contact, client=client)
    except (GateClosed, InvalidOtp):  # the proof stands, and the person logs in another time
        return None
    gates.announce_login(customer, client=client)
    roads.tell(roads.VERIFICATION, roads.LOGGED_IN)
    return grant.token
