"""Remind people of the deletion that is near, ``REMINDER_DAYS`` before it."""

from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone

from customer_registration.conf import config
from customer_registration.flows.deletion import messages
from customer_registration.messaging import queue
from customer_registration.models import AccountDeletionRequest, OutboxMessage
from customer_registration.models.account_deletion_request import next_reminder
from customer_registration.models.integrity import atomically, locked

BATCH_SIZE = 200


def send_due() -> int:
    """Queue the reminders whose time has come; return how many. Several workers may do so at once.

    A reminder whose day was missed goes out late, once, unless the erasure is due by then.
    """
    sent = 0
    while True:
        handled, queued = atomically(lambda: _batch(now=timezone.now()))
        sent += queued
        if not handled:
            return sent


def _batch(*, now: datetime) -> tuple[int, int]:
    """Handle requests that are due; return how many, and how many messages that made."""
    due = AccountDeletionRequest.objects.filter(reminder_at__lte=now).order_by("reminder_at")
    requests = list(locked(due)[:BATCH_SIZE])
    prefetch_related_objects(requests, "customer")
    waiting: list[OutboxMessage] = []
    for request in requests:
        scheduled_at, customer = request.scheduled_at, request.customer
        request.reminder_at = None
        if customer is not None and scheduled_at is not None and scheduled_at > now:
            waiting += messages.reminder(request, customer, now=now)
            days = config().account_deletion_request.reminder_days
            request.reminder_at = next_reminder(scheduled_at, days, now=now)
    AccountDeletionRequest.objects.bulk_update(requests, ["reminder_at"])
    queue(*waiting)
    return len(requests), len(waiting)
