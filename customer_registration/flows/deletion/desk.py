"""What staff may do with a request: cancel, postpone, erase now, try again. Each is audited with who did it."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import DeletionStatus, EventKind
from customer_registration.exceptions import DeletionClosed, Throttled
from customer_registration.flows.deletion import cancellation, messages
from customer_registration.flows.deletion.cancellation import NothingToCancel
from customer_registration.flows.deletion.executor import Run, Tally
from customer_registration.messaging import queue
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer
from customer_registration.models.account_deletion_request import ERASABLE, next_reminder
from customer_registration.models.integrity import atomically, locked

__all__ = ["cancel", "erase_now", "postpone"]


def cancel(request: AccountDeletionRequest, *, by: Any) -> AccountDeletionRequest:
    """Close an open request; the customer may log in again and is told.

    Args:
        request: whichever.
        by: the staff user.

    Returns:
        The request as it is now.

    Raises:
        DeletionClosed: it is cancelled or completed already, or its erasure has begun.
    """
    now = timezone.now()

    def write() -> AccountDeletionRequest:
        customer = Customer.objects.filter(pk=request.active_customer_id).first()
        if customer is None:
            raise DeletionClosed
        try:
            return cancellation.withdraw(customer, now=now, by=str(by.pk))
        except (NothingToCancel, Throttled) as error:
            raise DeletionClosed from error

    return atomically(write)


def postpone(request: AccountDeletionRequest, *, until: datetime, by: Any) -> AccountDeletionRequest:
    """Move the erasure of a confirmed or failed request; the customer is told the new day.

    Args:
        request: whichever.
        until: when the account will be erased, in the future.
        by: the staff user.

    Returns:
        The request as it is now.

    Raises:
        DeletionClosed: it is not waiting for its erasure.
        ValueError: ``until`` is over, or before the day that the customer was told: no grace period is cut short.
    """
    now = timezone.now()
    if until <= now:
        raise ValueError("The new time must be in the future.")

    def write() -> AccountDeletionRequest:
        held, customer = _hold(request)
        if held.scheduled_at and until < held.scheduled_at:
            raise ValueError("The new time must not be before the old one.")
        held.tries, held.last_error = 0, ""
        held.status, held.scheduled_at, held.due_at = DeletionStatus.CONFIRMED, until, until
        held.reminder_at = next_reminder(until, config().account_deletion_request.reminder_days, now=now)
        held.save(update_fields=["status", "scheduled_at", "due_at", "reminder_at", "tries", "last_error"])
        Customer.objects.filter(pk=customer.pk).update(deletion_scheduled_at=until, updated_at=now)
        queue(*messages.scheduled(held, customer, now=now))
        moved = {"scheduled_at": until.isoformat(), "by": str(by.pk)}
        AccountEvent.of(EventKind.DELETION_POSTPONED, customer, contact=None, **moved).save(force_insert=True)
        signals.send_on_commit(signals.account_deletion_scheduled, Customer, customer=customer, request=held)
        return held

    return atomically(write)


def erase_now(request: AccountDeletionRequest, *, by: Any) -> Tally:
    """Erase the account of a confirmed or failed request, whatever is left of its grace period; return what came of it.

    If that fails, the account is due again when its grace period is over.

    Args:
        request: as whoever decides has seen it.
        by: the staff user.

    Raises:
        DeletionClosed: it is not waiting for its erasure, or somebody has moved that meanwhile.
    """
    now = timezone.now()

    def write() -> None:
        held, customer = _hold(request)
        if (held.status, held.scheduled_at) != (request.status, request.scheduled_at):
            raise DeletionClosed
        held.due_at = now
        held.save(update_fields=["due_at"])
        AccountEvent.of(EventKind.DELETION_HASTENED, customer, by=str(by.pk)).save(force_insert=True)

    atomically(write)
    return Run(customer_id=request.customer_ref).work()


def _hold(request: AccountDeletionRequest) -> tuple[AccountDeletionRequest, Customer]:
    held = locked(AccountDeletionRequest.objects.filter(pk=request.pk, status__in=ERASABLE)).first()
    if held is None or held.customer is None:
        raise DeletionClosed
    return held, held.customer
