"""What came of a message, told by its row and that of its code, in the database's own words."""

from datetime import datetime, timedelta

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from customer_registration.enums import Figure, OutboxState, Outcome, Purpose
from customer_registration.models import OtpVerification, OutboxMessage

# What people bring back. An undo link is there for those who need none.
CARRYING = tuple(purpose.value for purpose in Purpose if purpose != Purpose.CONTACT_UNDO)
HELD = (Outcome.HELD_NUMBER, Outcome.HELD_BUDGET, Outcome.HELD_CONVERSION, Outcome.HELD_COUNTERS)
UNDELIVERED = (Outcome.REFUSED, Outcome.FAILED, Outcome.ERROR, Outcome.TOO_LATE)
UNVERIFIED = (Outcome.WRONG, Outcome.USED_UP, Outcome.REPLACED, Outcome.EXPIRED)
DELIVERED = (Outcome.DELIVERED, Outcome.OPEN, Outcome.VERIFIED, *UNVERIFIED)
UNSETTLED = (Outcome.WAITING, Outcome.OPEN)
# A code that was proven at its last moment may be committed after it.
GRACE = timedelta(minutes=5)


def counted() -> QuerySet[OutboxMessage]:
    """Return the messages that were meant to arrive: decoys are none."""
    return OutboxMessage.objects.exclude(state=OutboxState.SUPPRESSED, outcome="")


def figure() -> Combinable:
    """Return which figure a message belongs to."""
    return Case(
        When(kind__in=CARRYING, then=Value(Figure.CODE.value)),
        default=Value(Figure.NOTICE.value),
        output_field=CharField(),
    )


def outcome(now: datetime) -> Combinable:
    """Return what came of a message: a code that has ended is told by its row, or by what was written down of it.

    Args:
        now: codes that expired by then, and some minutes before, have ended.
    """
    return Case(
        When(state=OutboxState.QUEUED, then=Value(Outcome.WAITING.value)),
        When(~Q(outcome=""), then=F("outcome")),
        When(state=OutboxState.FAILED, then=Value(Outcome.ERROR.value)),
        When(~Q(kind__in=CARRYING), then=Value(Outcome.DELIVERED.value)),
        When(otp=None, then=Value(Outcome.EXPIRED.value)),
        *_end_of_code("otp__", now),
        default=Value(Outcome.OPEN.value),
        output_field=CharField(),
    )


def to_write_down(now: datetime) -> Combinable:
    """Return what the ``outcome`` of messages becomes whose codes are about to be deleted."""
    end = Case(*_end_of_code("", now), default=Value(Outcome.EXPIRED.value), output_field=CharField())
    of_its_code = OtpVerification.objects.filter(pk=OuterRef("otp")).values_list(end)[:1]
    delivered = Q(outcome="", state=OutboxState.SENT, kind__in=CARRYING)
    return Case(When(delivered, then=Subquery(of_its_code)), default=F("outcome"), output_field=CharField())


def _end_of_code(path: str, now: datetime) -> list[When]:
    """Return the cases of a code that has ended; ``path`` leads to its row."""

    def its(**conditions: object) -> Q:
        return Q(**{f"{path}{name}": value for name, value in conditions.items()})

    most = F(f"{path}max_attempts")
    over = its(expires_at__lte=now - GRACE)
    closed = its(consumed_at__isnull=False)
    all_guesses = its(attempts__gte=most) | its(attempts_open__gte=most)
    return [
        When(its(proven_at__isnull=False), then=Value(Outcome.VERIFIED.value)),
        When((closed | over) & all_guesses, then=Value(Outcome.USED_UP.value)),
        When(closed, then=Value(Outcome.REPLACED.value)),
        When(over & (its(attempts__gt=0) | its(attempts_open__gt=0)), then=Value(Outcome.WRONG.value)),
        When(over, then=Value(Outcome.EXPIRED.value)),
    ]
