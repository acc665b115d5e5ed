"""Change an e-mail address or a phone number: the new one is proven before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.exceptions import (
    AlreadyVerified,
    CustomerExists,
    InvalidCode,
    InvalidToken,
    ReauthenticationRequired,
    StaffAccount,
)
from customer_registration.flows import challenges, claims, contact_undo, notices, proving, sessions
from customer_registration.flows.challenges import Challenge, Dispatch, Notice
from customer_registration.flows.client import Client
from customer_registration.flows.sessions import Session
from customer_registration.flows.verification import channel_of, options
from customer_registration.identifiers import Identifier, mask
from customer_registration.messaging import queue
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage, SecondFactor
from customer_registration.models.customer import shadow_field
from customer_registration.models.integrity import StaleSnapshot
from customer_registration.tokens import CodeToken

FAMILY = "contact"
CODE = {
    IdentifierKind.EMAIL: Purpose.EMAIL_CHANGE,
    IdentifierKind.PHONE: Purpose.PHONE_CHANGE,
}
KIND_OF = {purpose: kind for kind, purpose in CODE.items()}


@dataclass(frozen=True, slots=True)
class Changed:
    """A contact was changed. ``token`` is ``None`` where a gate has closed since the login."""

    customer: Customer
    token: str | None = field(repr=False)


def request(session: Session, contact: Identifier, *, client: Client) -> Challenge:
    """Send a code to the new contact; nothing changes until it comes back.

    A contact that is somebody else's answers like a free one: its owner is told, and the code never verifies (A6).

    Raises:
        StaffAccount: the contact of staff is a way into the admin.
        AlreadyVerified: it is the customer's own, and proven.
        ReauthenticationRequired: the codes of a second factor go to the contact of this kind, and the session has shown
            no factor within ten minutes; whoever has only a session must not move the factor to a phone of theirs.
        ChannelUnavailable: nothing can be sent to this kind of contact.
        Throttled: inside the resend throttle, or past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    customer = session.known_customer
    kind, purpose, now = contact.kind, CODE[contact.kind], timezone.now()
    if customer.is_staff:
        raise StaffAccount
    if customer.contact(kind) == contact and customer.has_verified(kind):
        raise AlreadyVerified
    moves_a_factor = customer.has_second_factor and _carries_a_factor(customer, kind)
    if moves_a_factor and not sessions.is_recent(session.mfa_at, now=now):
        raise ReauthenticationRequired
    involved = Customer.objects.filter(Q(pk=customer.pk) | Q(**{kind.value: contact.value}))
    rows = {row.pk: row for row in challenges.with_unused_code(involved, purpose)}
    own = rows.pop(customer.pk, None)
    holder = next((row for row in rows.values() if not claims.lapsed(row, kind, now=now)), None)
    chosen = options(kind)
    row = challenges.issue(
        Dispatch(
            purpose=purpose,
            slot=purpose,
            channel=channel_of(kind),
            throttle=timedelta(seconds=chosen.resend_throttle_seconds),
            limits={"contact_change": customer.pk, "code_send": contact.value},
            language=client.language,  # of the page that asks for the code
        ),
        asked_for=customer.pk,
        customer=customer,
        destination=None if holder else contact,
        older=challenges.older_of(own, now=now),
        find_older=lambda: challenges.older_code(customer.pk, purpose, now=now),
        client=client,
        now=now,
        notice=Notice("contact_taken", holder, contact) if holder and _owns(holder, kind) else None,
    )
    token = CodeToken(
        row_id=row.pk, purpose=purpose, person=challenges.person_of(contact.value, ""), customer_id=customer.pk
    )
    return Challenge(token.sign(now=now, expires_at=row.expires_at), row.expires_at)


def _carries_a_factor(customer: Customer, kind: IdentifierKind) -> bool:
    return SecondFactor.objects.enabled().filter(customer=customer, contact_kind=kind).exists()


def confirm(session: Session, *, token: str, code: str) -> Changed:
    """Apply a contact change once its code is proven.

    The value, its verified time, the login identifier and the token epoch change in one transaction, so an interrupted
    change leaves the old contact working. A proven old contact is told, with a link that takes the change back.

    Raises:
        InvalidToken: the token is forged, or another customer's (attack E6).
        StaffAccount: the customer has become staff since.
        InvalidCode, CodeExpired, CodeAttemptsExceeded: as `proving.prove` says.
        CustomerExists: somebody else was quicker to prove the contact.
        LimiterUnavailable: the limiter's store is down.
    """
    before, now = session.known_customer, timezone.now()
    named = CodeToken.read(token, *CODE.values())
    if named.customer_id != before.pk:
        raise InvalidToken
    if before.is_staff:
        raise StaffAccount
    customer = proving.prove(
        named.row_id, typed=code, family=FAMILY, person=named.person, effect=_apply(before, now=now), now=now
    )
    return Changed(customer, sessions.reissue(session, customer, now=now))


def _owns(holder: Customer, kind: IdentifierKind) -> bool:
    """Whether a holder is to be told: somebody who claimed an address unproven may be a stranger to it."""
    return holder.is_active and (holder.has_verified(kind) or not config().registration.require_verification)


def _apply(before: Customer, *, now: datetime) -> Callable[[OtpVerification], Customer]:
    def effect(row: OtpVerification) -> Customer:
        new = Identifier(KIND_OF[Purpose(row.purpose)], row.destination)
        old = claims.shown(before, new.kind, now=now)
        if old:  # codes before the customer, the order in which verification locks them
            OtpVerification.objects.retire_codes(before.pk, now=now, sent_to=old.value)
        try:
            customer, released = claims.take(lambda: _write(before, new, now=now), new, now=now)
        except StaleSnapshot as error:
            raise CustomerExists(new.kind) from error
        claims.copy_to_user(customer, new)
        queue(*_notices(before, customer, new, now=now))
        replaced = before.masked_contact(new.kind)
        changed = AccountEvent.of(EventKind.CONTACT_CHANGED, customer, contact=new.kind, replaced=replaced)
        AccountEvent.objects.bulk_create(filter(None, (released, changed)))
        signals.send_on_commit(signals.contact_changed, Customer, customer=customer, kind=new.kind.value)
        return customer

    return effect


def _write(before: Customer, new: Identifier, *, now: datetime) -> Customer:
    kind = new.kind.value
    proof = {kind: new.value, f"{kind}_verified_at": now, shadow_field(new.kind): None}
    customer = Customer.objects.end_sessions(before, now=now, **proof)
    if customer is None:
        raise InvalidCode(attempts_remaining=0)
    return customer


def _notices(before: Customer, customer: Customer, new: Identifier, *, now: datetime) -> list[OutboxMessage]:
    """Tell the new contact, and the owner where they were reached before (attack E14)."""
    changed = {"changed": new.kind.value, "to": mask(new.value)}
    told = [notices.to(new, "contact_changed", customer, now=now, context=changed)]
    with_link = contact_undo.record(before, customer, new, now=now, context=changed)
    if with_link is not None:
        return [*told, with_link]
    old = before.contact(new.kind)
    if before.keeps_a_proven_contact_without(new.kind):
        reached = before.notice_contact
    else:
        # Without verification nothing is ever proven, and the old address is as good as it gets.
        proven = before.has_verified(new.kind) or not config().registration.require_verification
        reached = old if proven and old != new else None
    return [*told, notices.to(reached, "contact_changed", customer, now=now, context=changed)] if reached else told
