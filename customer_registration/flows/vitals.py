"""What an operator watches: whether messages leave, accounts that are due are erased, and somebody runs the schedule.

A few statements, each by an index, so that a probe may ask every few seconds. Nothing in it says anything of a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Count, Min, Q

from customer_registration import ratelimits
from customer_registration.enums import DeletionStatus, OutboxState
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows.insights import rollup
from customer_registration.models import AccountDeletionRequest, OutboxMessage

TRIES = 3  # of a message, from which on something is wrong with it, with its provider, or with who delivers it
LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Vitals:
    """Figures of one moment.

    Args:
        outbox_queued: messages that wait, retries included.
        outbox_late_seconds: for how long the oldest message that is due has been.
        outbox_broken_off: messages that were claimed `TRIES` times and more and left no error: whoever was at them was
            killed, or hung.
        outbox_retried: messages that a provider has failed `TRIES` times and more, and that are tried again.
        outbox_given_up: messages that were given up within the last hour.
        deletions_due: accounts whose grace period is over, and that are still there.
        deletion_late_seconds: for how long the oldest of them has been due.
        deletions_failed: accounts whose erasure failed, and is tried again.
        schedule_seconds: since the insights were counted last, as beat or cron does every few minutes; ``None`` if
            nobody ever has.
    """

    outbox_queued: int
    outbox_late_seconds: float
    outbox_broken_off: int
    outbox_retried: int
    outbox_given_up: int
    deletions_due: int
    deletion_late_seconds: float
    deletions_failed: int
    schedule_seconds: float | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Up to where a figure is well; ``None`` does not look at it."""

    outbox_late_seconds: float | None = 300  # a sweep comes every 10 seconds by beat, every minute by cron
    outbox_broken_off: float | None = 0
    outbox_retried: float | None = 50  # some addresses are always wrong
    outbox_given_up: float | None = 50
    deletion_late_seconds: float | None = 3600  # beat looks every 15 minutes
    deletions_failed: float | None = 0
    schedule_seconds: float | None = 3600


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Args:
        name: ``database``, ``limiter``, or a field of `Thresholds`.
        is_well: whether it is as it should be.
        value: what it is; ``None`` where it is no figure.
        limit: up to where it would be well.
        problem: what is wrong, without contact or secret; "" if nothing is.
    """

    name: str
    is_well: bool
    value: float | None = None
    limit: float | None = None
    problem: str = ""


PROBLEMS = {
    "outbox_late_seconds": "a message has been due for {value:.0f} s: is a worker running, and beat or cron?",
    "outbox_broken_off": "{value:.0f} messages were begun again and again: whoever delivers them is killed or hangs",
    "outbox_retried": "{value:.0f} messages were tried 3 times and more: a provider fails",
    "outbox_given_up": "{value:.0f} messages were given up within an hour: a provider fails, or they came too late",
    "deletion_late_seconds": "an account has been due for erasure for {value:.0f} s: does beat or cron run it?",
    "deletions_failed": "{value:.0f} erasures failed: the requests say why",
    "schedule_seconds": "the insights were counted {value:.0f} s ago: does beat or cron run?",
}


def read(*, now: datetime) -> Vitals:
    """Return the figures of this moment; five statements.

    Raises:
        Error: the database is down, or not migrated; a connection that is lost may be no ``DatabaseError``.
    """
    wrong = Q(tries__gte=TRIES)
    outbox = OutboxMessage.objects.filter(state=OutboxState.QUEUED).aggregate(
        queued=Count("pk"),
        oldest=Min("next_attempt_at"),
        broken_off=Count("pk", filter=wrong & Q(last_error="")),
        retried=Count("pk", filter=wrong & ~Q(last_error="")),
    )
    given_up = OutboxMessage.objects.filter(state=OutboxState.FAILED, next_attempt_at__gte=now - LATELY).count()
    due = AccountDeletionRequest.objects.filter(due_at__lte=now).aggregate(count=Count("pk"), oldest=Min("due_at"))
    counted_at = rollup.counted_at()
    return Vitals(
        outbox_queued=outbox["queued"],
        outbox_late_seconds=_seconds_since(outbox["oldest"], now),
        outbox_broken_off=outbox["broken_off"],
        outbox_retried=outbox["retried"],
        outbox_given_up=given_up,
        deletions_due=due["count"],
        deletion_late_seconds=_seconds_since(due["oldest"], now),
        deletions_failed=AccountDeletionRequest.objects.filter(status=DeletionStatus.FAILED).count(),
        schedule_seconds=_seconds_since(counted_at, now) if counted_at else None,
    )


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def examine(thresholds: Thresholds, *, now: datetime) -> list[Finding]:
    """Return what is well and what is not. Never raises for a database or a limiter's store that is down.

    Args:
        thresholds: up to where figures are well.
        now: the time to look at.
    """
    findings = [_limiter()]
    try:
        vitals = read(now=now)
    except Error as error:
        return [Finding("database", False, problem=f"the database failed: {type(error).__name__}"), *findings]
    return [Finding("database", True), *findings, *_judge(vitals, thresholds)]


def _judge(vitals: Vitals, thresholds: Thresholds) -> Iterator[Finding]:
    for field in fields(thresholds):
        value, limit = getattr(vitals, field.name), getattr(thresholds, field.name)
        if value is None or limit is None:
            continue
        is_well = value <= limit
        problem = "" if is_well else PROBLEMS[field.name].format(value=value)
        yield Finding(field.name, is_well, value, limit, problem)


def _limiter() -> Finding:
    try:
        ratelimits.hourly(1, "health").count()
    except LimiterUnavailable:
        return Finding("limiter", False, problem="the limiter's store is down: routes that send or check answer 503")
    return Finding("limiter", True)
