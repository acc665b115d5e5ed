"""Take a contact change back: what the owner can do when it was not they who made it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from customer_registration import keys, signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.exceptions import ContactTaken, CustomerExists, InvalidToken
from customer_registration.flows import claims, notices
from customer_registration.flows.deletion import cancellation
from customer_registration.flows.deletion.cancellation import NothingToCancel
from customer_registration.flows.verification import options
from customer_registration.identifiers import Identifier
from customer_registration.messaging import queue
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from customer_registration.models.integrity import atomically
from customer_registration.users import user_adapter

THROUGH = "reset_through"


def record(
    before: Customer, customer: Customer, new: Identifier, *, now: datetime, context: dict[str, Any]
) -> OutboxMessage | None:
    """Write down how the contacts were before a change, in the caller's transaction; return the notice with its link.

    The row holds both contacts, so that the link takes back whatever came after it as well: a thief with a session
    changes the one contact, and then the other. A link is sent where the replaced contact was proven: to the proven
    e-mail, else to the phone, since a number that was given up may be somebody else's tomorrow.

    Args:
        before: the customer before the change.
        customer: the customer as written.
        new: the new contact.
        now: the time of the flow.
        context: for the notice.

    Returns:
        The notice, or ``None`` where no link is sent.
    """
    recent = _recent_changes(before, now=now)
    if not any(map(before.has_verified, IdentifierKind)) or _is_return(recent, new, now=now):
        return None
    settled = {kind: contact for kind in IdentifierKind if (contact := _settled(before, kind, recent))}
    reached = next(iter(settled.values()), None) if before.has_verified(new.kind) else None
    row = OtpVerification.objects.create(
        purpose=Purpose.CONTACT_UNDO,
        channel=options(reached.kind if reached else new.kind).channel,
        destination=reached.value if reached else "",
        customer=customer,
        max_attempts=config().otp.max_attempts,
        expires_at=now + _lifetime(),
        payload={"kind": new.kind.value} | {kind.value: _as_stored(before, kind, settled) for kind in IdentifierKind},
        created_at=now,
    )
    return (
        notices.to(reached, Purpose.CONTACT_UNDO.value, customer, undo=row, now=now, context=context)
        if reached
        else None
    )


def _recent_changes(before: Customer, *, now: datetime) -> list[OtpVerification]:
    """Return the changes whose links still live, oldest first; those without a link, too."""
    since = now - _lifetime()
    proofs = (before.verified_at(kind) for kind in IdentifierKind)
    if not before.token_epoch or not any(proven_at and proven_at > since for proven_at in proofs):
        return []  # no session was ever ended, so no contact changed: most find that out without asking
    rows = OtpVerification.objects.live(now).filter(customer=before, purpose=Purpose.CONTACT_UNDO)
    return list(rows.order_by("pk"))


def _is_return(recent: list[OtpVerification], new: Identifier, *, now: datetime) -> bool:
    """Whether a change takes back one that an undo link could take back too; kills the links of what came after it.

    Whoever was robbed of an address and proves it anew must not thereby hand the thief, whose address goes, a link
    that outlives their own.
    """
    for row in recent:
        if row.destination == new.value:
            OtpVerification.objects.retire_later_undo_links(row, now=now)
            return True
    return False


def _settled(before: Customer, kind: IdentifierKind, recent: list[OtpVerification]) -> Identifier | None:
    """Return a proven contact that its owner could have objected to: one added in the last days is none.

    A thief who adds a number of his own, for which no link is sent, must not be told of later changes by it, nor get
    it restored.
    """
    changes = [row for row in recent if row.payload["kind"] == kind]
    added = bool(changes) and changes[-1].payload[kind.value] is None
    return before.contact(kind) if before.has_verified(kind) and not added else None


def _as_stored(
    before: Customer, kind: IdentifierKind, settled: dict[IdentifierKind, Identifier]
) -> dict[str, str] | None:
    proven_at = before.verified_at(kind)
    if kind not in settled or proven_at is None:
        return None
    return {"value": settled[kind].value, "verified_at": proven_at.isoformat()}


def undo(value: str) -> None:
    """Restore the contacts and their verified times, as they were before a change, with the value of its mailed link.

    Works once. Every session and every code ends, an account deletion is cancelled, and the contacts that go are told;
    a password goes that was reset through a contact which is gone. An unproven claim gives way, however fresh. Undo
    links of later changes die with them; those of earlier ones stay, since whoever held an older contact outranks this
    one: else a thief who changes the contact twice could undo his second change to take the owner's link away.

    Raises:
        InvalidToken: forged, used, expired, or of an account that is closed or has become staff.
        ContactTaken: somebody else has proven the contact since; the link stays good.
        Throttled: the account's deletion is held this moment; the link stays good.
    """
    now = timezone.now()
    row = OtpVerification.objects.filter(pk=value.partition(".")[0], purpose=Purpose.CONTACT_UNDO).first()
    if row is None or not row.matches_link_value(value):
        raise InvalidToken
    try:
        atomically(lambda: _restore(row, now=now))
    except CustomerExists as error:
        raise ContactTaken from error


def _restore(row: OtpVerification, *, now: datetime) -> None:
    if not OtpVerification.objects.consume(row.pk, now=now):
        raise InvalidToken
    OtpVerification.objects.retire_codes(str(row.customer_id), now=now)
    customer = Customer.objects.select_for_update().get(pk=row.customer_id)
    if not customer.is_active or customer.is_staff:
        raise InvalidToken
    leaving = customer.deletion_scheduled_at is not None
    events, gone = [], []
    changed = IdentifierKind(row.payload["kind"])
    for kind in sorted(IdentifierKind, key=lambda kind: kind != changed):
        current = customer.contact(kind)
        customer, released = _restore_contact(customer, kind, row, now=now, must=kind == changed)
        events.append(released)
        if current and customer.contact(kind) != current:
            gone.append(current)
    told = _discard_stolen_password(customer, since=row.created_at - _lifetime(), now=now)
    OtpVerification.objects.retire_later_undo_links(row, now=now)
    try:
        cancellation.withdraw(customer, now=now)
    except NothingToCancel as error:
        if leaving:  # it has been erased this very moment
            raise InvalidToken from error
    events.append(AccountEvent.of(EventKind.CONTACT_CHANGE_UNDONE, customer, contact=changed))
    AccountEvent.objects.bulk_create(filter(None, events))
    for contact in gone:
        context = {"changed": contact.kind.value}
        told.append(notices.to(contact, "contact_change_undone", customer, now=now, context=context))
    queue(*told)
    signals.send_on_commit(signals.contact_change_undone, Customer, customer=customer, kind=changed.value)


def _restore_contact(
    customer: Customer, kind: IdentifierKind, row: OtpVerification, *, now: datetime, must: bool
) -> tuple[Customer, AccountEvent | None]:
    """Write one contact as it was. What was added since goes; so does, unless it must, what others have proven."""
    stored = row.payload[kind.value]
    old = Identifier(kind, stored["value"]) if stored else None
    if not must and (customer.contact(kind) == old or (old is None and not customer.has_verified(kind))):
        return customer, None  # unchanged; or unproven, and so no thief's: they can only bring what they prove
    if old is not None:
        proof = {kind.value: old.value, f"{kind.value}_verified_at": datetime.fromisoformat(stored["verified_at"])}
        try:
            with transaction.atomic():
                restored, released = claims.take(lambda: _write(customer, proof, now=now), old, now=now, fresh=True)
                claims.copy_to_user(restored, old)
        except CustomerExists:
            if must:
                raise
        else:
            return restored, released
    customer = _write(customer, {kind.value: None, f"{kind.value}_verified_at": None}, now=now)
    user_adapter().release_contact(customer.user, kind)
    return customer, None


def _write(customer: Customer, values: dict[str, Any], *, now: datetime) -> Customer:
    written = Customer.objects.end_sessions(customer, now=now, **values, deletion_scheduled_at=None)
    if written is None:
        raise InvalidToken
    return written


def _discard_stolen_password(customer: Customer, *, since: datetime, now: datetime) -> list[OutboxMessage]:
    """Take away a password that was reset through a contact which is not the account's any more; return the notice.

    Whoever reads that contact would be back in at once. In doubt, after a rotation of ``SECRET_KEY`` for one, it goes:
    the owner can reset it.
    """
    resets = AccountEvent.objects.filter(
        customer=customer, kind=EventKind.PASSWORD_RESET, created_at__gte=since
    ).values_list("detail", flat=True)
    held = filter(None, map(customer.contact, IdentifierKind))
    kept = {keys.keyed_hash(THROUGH, contact.value) for contact in held}
    user = customer.user
    if user is None or all(detail.get(THROUGH) in kept for detail in resets):
        return []
    user.set_unusable_password()
    user.save(update_fields=["password"])
    reached = customer.notice_contact
    return [notices.to(reached, "password_changed", customer, now=now)] if reached else []


def _lifetime() -> timedelta:
    return timedelta(days=config().contact_change.undo_days)
