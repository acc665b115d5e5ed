"""Deliver all that is due: messages are claimed, read and closed many at a time, and handed over one by one.

Alone each message would cost two commits, which is what most of its time goes by where a provider is quick. A batch is
worked on for half a second; then what was sent is closed, and the rest given back. So where a provider is slow

- a process that is killed leaves half a second's messages that were handed over and not closed: they are sent twice;
- a code that is used or replaced is sent for half a second more, since each batch is read when it is claimed;
- no lease runs out: half a second and the 30 seconds that a backend may take are less than two minutes;
- a provider that begins to hang holds the others of its batch for these 30 seconds, once: the next batch is small.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from customer_registration.messaging import sms_guard
from customer_registration.messaging.delivery import LEASE, close_sent, hand_over
from customer_registration.models import OutboxMessage
from customer_registration.models.integrity import atomically
from customer_registration.models.outbox_message import OutboxMessageQuerySet

logger = logging.getLogger(__name__)

BATCH_SIZE = 100
BATCH_SECONDS = 0.5


def deliver_due(*, limit: int = 500, seconds: float = 0) -> int:
    """Deliver the messages whose time has come, oldest first; return how many were sent.

    Codes and links go before notices: they expire, and a purge may have left a hundred thousand notices.

    Args:
        limit: how many rows to try at most.
        seconds: for how long to go on past the limit.
    """
    due = OutboxMessage.objects.due(timezone.now())
    sweep = _Sweep(limit, time.monotonic() + seconds)
    sweep.work(due.filter(otp__isnull=False))
    sweep.work(due.filter(otp=None))
    return sweep.sent


class _Sweep:
    """One sweep, and how far it has come."""

    def __init__(self, limit: int, ends_at: float) -> None:
        self.limit, self.ends_at = limit, ends_at
        self.tried = self.sent = 0

    def work(self, due: OutboxMessageQuerySet) -> None:
        """Deliver batch after batch until nothing is due or the sweep is over.

        A batch begins with one message, and grows to twice what the one before had time for: what a slow provider
        cannot take at once is left to other workers.
        """
        size = 1
        while size := min(size, self._room()):
            held_until = timezone.now() + LEASE
            ids = due.claim_oldest(size, until=held_until)
            if not ids:
                return
            tried = self._deliver(ids, held_until)
            size = min(2 * tried + 1, BATCH_SIZE)

    def _room(self) -> int:
        if self.tried < self.limit:
            return self.limit - self.tried
        return BATCH_SIZE if time.monotonic() < self.ends_at else 0

    def _deliver(self, ids: list[int], held_until: datetime) -> int:
        """Deliver what was claimed, for half a second; return how many had their turn.

        Whatever ends it: what was sent is closed, and what was not tried given back. The one that a signal cuts off may
        have been sent, and is left to the end of its lease.
        """
        waiting = deque(OutboxMessage.objects.read(ids))
        taken: list[OutboxMessage] = []
        tried, over_at = 0, time.monotonic() + BATCH_SECONDS
        try:
            while waiting and (not tried or time.monotonic() < over_at):
                message = waiting.popleft()
                tried += 1
                if _among_others(message, hand_over):
                    taken.append(message)
        finally:
            self.tried += tried
            self.sent += _close(taken)
            OutboxMessage.objects.release([message.pk for message in waiting], until=held_until)
        return tried


def _close(taken: list[OutboxMessage]) -> int:
    """Close together what was sent, in one commit, or one by one where that fails; return how many it were."""
    if not taken:
        return 0
    now = timezone.now()
    try:
        atomically(lambda: close_sent(*taken, now=now))
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:  # whatever it is: what was sent and stays open would be sent again and again
        _log(f"{len(taken)} messages could not be closed together", error)
        taken = [message for message in taken if _among_others(message, _close_one)]
    for message in taken:
        sms_guard.note_sent(message, now=now)
    return len(taken)


def _close_one(message: OutboxMessage, *, now: datetime) -> bool:
    close_sent(message, now=now)
    return True


def _among_others(message: OutboxMessage, deed: Callable[..., bool]) -> bool:
    """Do something to one of many; what nobody foresaw of one message keeps none of the others waiting.

    Only a database that is gone ends the sweep.
    """
    try:
        return deed(message, now=timezone.now())
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:
        _log(f"Message {message.pk} could not be closed", error)
        return False


def _log(what: str, error: Exception) -> None:
    """Log an error that nobody foresaw. What a database says of one may quote the row, so that is left out."""
    reason = type(error).__name__
    about = {"event": "outbox_not_closed", "error": reason}
    logger.error("%s: %s", what, reason, exc_info=not isinstance(error, DatabaseError), extra=about)
