"""Take a contact change back: what the owner of the old contact can do when it was not they who changed it."""

from datetime import datetime, timedelta

from django.utils import timezone

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import DeletionStatus, EventKind, IdentifierKind, Purpose
from customer_registration.exceptions import ContactTaken, CustomerExists, InvalidToken
from customer_registration.flows import claims, notices
from customer_registration.flows.verification import options
from customer_registration.identifiers import Identifier, mask
from customer_registration.messaging import queue
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
)
from customer_registration.models.integrity import atomically


def offer(
    customer: Customer, old: Identifier, verified_at: datetime, *, replaced_by: Identifier, now: datetime
) -> OutboxMessage:
    """Write the row of an undo link, in the caller's transaction, and return the notice that carries it.

    It goes to the old contact; for an old phone to the proven e-mail, if there is one: a number that was given up may
    be somebody else's tomorrow.

    Args:
        customer: with the new contact already.
        old: the contact that was replaced.
        verified_at: when it had been proven.
        replaced_by: the new contact.
        now: the time of the flow.
    """
    email = customer.contact(IdentifierKind.EMAIL)
    by_email = old.kind == IdentifierKind.PHONE and email is not None and customer.has_verified(IdentifierKind.EMAIL)
    told = email if by_email and email else old
    row = OtpVerification.objects.create(
        purpose=Purpose.CONTACT_UNDO,
        channel=options(told.kind).channel,
        destination=told.value,
        customer=customer,
        max_attempts=config().otp.max_attempts,
        expires_at=now + timedelta(days=config().contact_change.undo_days),
        payload={"kind": old.kind.value, "value": old.value, "verified_at": verified_at.isoformat()},
        created_at=now,
    )
    changed = {"changed": old.kind.value, "to": mask(replaced_by.value)}
    return notices.to(told, Purpose.CONTACT_UNDO.value, customer, undo=row, now=now, context=changed)


def undo(value: str) -> None:
    """Restore a replaced contact and its verified time, with the value of a mailed link. Works once.

    An unproven claim on the contact gives way, however fresh. Every session and every code ends, an account deletion is
    cancelled, and the contact that goes is told. Undo links of later changes die with them; those of earlier ones stay,
    since whoever held an older contact outranks this one: else a thief who changes the contact twice could undo his
    second change to take the owner's link away.

    Raises:
        InvalidToken: forged, used, expired, or of an account that is closed or has become staff.
        ContactTaken: somebody else has proven the contact since; the link stays good.
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
    before = Customer.objects.select_for_update().get(pk=row.customer_id)
    if not before.is_active or before.is_staff:
        raise InvalidToken
    old = Identifier(IdentifierKind(row.payload["kind"]), row.payload["value"])
    gone = before.contact(old.kind)
    released = claims.free(old, now=now, fresh=True) if gone != old else None
    proven_at = datetime.fromisoformat(row.payload["verified_at"])
    restored = {old.kind.value: old.value, f"{old.kind.value}_verified_at": proven_at, "deletion_scheduled_at": None}
    customer = Customer.objects.end_sessions(before, now=now, **restored)
    if customer is None:
        raise InvalidToken
    claims.copy_to_user(customer, old)
    OtpVerification.objects.retire_later_undo_links(row, now=now)
    AccountDeletionRequest.objects.filter(active_customer_id=customer.pk).update(
        status=DeletionStatus.CANCELLED, cancelled_at=now, active_customer_id=None
    )
    event = AccountEvent.of(EventKind.CONTACT_CHANGE_UNDONE, customer, contact=old.kind)
    AccountEvent.objects.bulk_create(filter(None, (released, event)))
    if gone and gone != old:
        queue(notices.to(gone, "contact_change_undone", customer, now=now, context={"changed": old.kind.value}))
    signals.send_on_commit(signals.contact_change_undone, Customer, customer=customer, kind=old.kind.value)
