"""Bring the figures up to date: days are counted anew until nothing of them can change any more."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import OperationalError
from django.db.models import Count, F, Max, Min, QuerySet, Sum
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.enums import Figure
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows.insights import days, outcomes
from customer_registration.models import CountedDay, DailyFigure, KeptFigure, OutboxMessage
from customer_registration.models.integrity import atomically, locked, lost_race

MESSAGES = (Figure.CODE, Figure.NOTICE)
# A day is not settled before it is over for so long: a message may be committed some moments after its time.
STRAGGLERS = timedelta(hours=1)


class Kind(NamedTuple):
    """What is counted apart, of a day."""

    figure: str
    channel: str
    country: str
    reason: str


class Progress(NamedTuple):
    """How many days were counted, and how many are left to another run."""

    counted: int
    left: int


def bring_up_to_date(*, patience: timedelta | None = None) -> Progress:
    """Count the days that may have changed since they were counted, the newest first.

    Any number of processes may do so at once, and as often as they like: a day is counted by one at a time, from what
    is there, and comes out the same. The refusals of the limiter's store are taken over, each once.

    Args:
        patience: after so long no further day is begun; today's is counted in any case.
    """
    began = time.monotonic()
    today = days.today()
    with suppress(LimiterUnavailable):  # they stay there until it is up again
        for age in range(ratelimits.refusals.DAYS):
            _take_refusals(today - timedelta(days=age))
    unsettled = _unsettled_days(today)
    _open(unsettled)
    for number, day in enumerate(unsettled):
        if number and patience is not None and time.monotonic() - began >= patience.total_seconds():
            return Progress(number, len(unsettled) - number)
        _unless_others_do(lambda day=day: _count(day))  # type: ignore[misc]
    for day in _unfolded_days():
        _unless_others_do(lambda day=day: _fold(day))  # type: ignore[misc]
    return Progress(len(unsettled), 0)


def counted_at() -> datetime | None:
    """Return when figures were last brought up to date; ``None`` if never."""
    latest: datetime | None = CountedDay.objects.aggregate(latest=Max("counted_at"))["latest"]
    return latest


def _unsettled_days(today: date) -> list[date]:
    """Return the days that have messages, or what is left of them, and are not settled, today first in any case."""
    found = {today}
    if first := OutboxMessage.objects.aggregate(first=Min("created_at"))["first"]:
        begin = days.day_of(first)
        found |= {begin + timedelta(days=each) for each in range((today - begin).days + 1)}
    found |= set(KeptFigure.objects.values_list("day", flat=True).distinct())
    found |= set(CountedDay.objects.filter(is_settled=False).values_list("day", flat=True))
    settled = CountedDay.objects.filter(is_settled=True).values_list("day", flat=True)
    return sorted(found - set(settled), reverse=True)


def _count(day: date) -> None:
    """Count a day's messages, in a transaction of its own.

    Race: two that count the same day would write every figure twice. Who comes second leaves it to the first.
    """
    row = _held(day)
    if row is None:
        return
    now = timezone.now()
    found = _tallies(day, now)
    _fold_kept(day)
    DailyFigure.objects.filter(day=day, figure__in=MESSAGES).delete()
    DailyFigure.objects.bulk_create(
        DailyFigure(day=day, **kind._asdict(), count=count) for kind, count in found.items() if count
    )
    open_ones = any(kind.reason in outcomes.UNSETTLED for kind in found)
    row.counted_at = now
    row.is_settled = not open_ones and now >= days.end_of(day) + STRAGGLERS
    row.save(update_fields=["counted_at", "is_settled"])


def _unless_others_do(work: Callable[[], object]) -> bool:
    """Do the work on a day in a transaction of its own; return whether it is done.

    Above read committed PostgreSQL refuses a row that somebody has written meanwhile: they have counted it, then.
    """
    try:
        atomically(work)
    except OperationalError as error:
        if not lost_race(error):
            raise
        return False
    return True


def _open(chosen: list[date]) -> None:
    """See to it that days have a row to be held by."""
    known = set(CountedDay.objects.filter(day__in=chosen).values_list("day", flat=True))
    new = [CountedDay(day=day) for day in chosen if day not in known]
    if new:
        _unless_others_do(lambda: CountedDay.objects.bulk_create(new, ignore_conflicts=True))


def _held(day: date) -> CountedDay | None:
    """Hold a day's row until the transaction ends; ``None`` if somebody else does."""
    return locked(CountedDay.objects.filter(day=day)).first()


def _tallies(day: date, now: datetime) -> Counter[Kind]:
    """Count messages that are there together with what was kept of the others.

    In one statement, which sees one moment: between two of them a deletion would be counted twice, or not at all.
    """
    its_time = {"created_at__gte": days.begin_of(day), "created_at__lt": days.end_of(day)}
    there: QuerySet[Any] = outcomes.counted().filter(**its_time).order_by()
    live = there.values_list(outcomes.figure(), "channel", "country", outcomes.outcome(now)).annotate(many=Count("*"))
    kept = KeptFigure.objects.filter(day=day).values_list("figure", "channel", "country", "reason", "count")
    found: Counter[Kind] = Counter()
    for *kind, count in live.union(kept, all=True):
        found[Kind(*kind)] += count
    return found


def _fold_kept(day: date) -> None:
    """Put what was kept of a day into as few rows as it takes; others may add theirs meanwhile."""
    ids = list(KeptFigure.objects.filter(day=day).values_list("pk", flat=True))
    mine = KeptFigure.objects.filter(pk__in=ids)
    kinds = mine.values_list("figure", "channel", "country", "reason").annotate(total=Sum("count")).order_by()
    sums = [KeptFigure(day=day, **Kind(*kind)._asdict(), count=count) for *kind, count in kinds]
    if len(sums) < len(ids):
        mine.delete()
        KeptFigure.objects.bulk_create(sums)


def _fold(day: date) -> None:
    if _held(day) is not None:
        _fold_kept(day)


def _unfolded_days() -> set[date]:
    """Return the days, settled ones too, of which more was kept than it takes: each batch of a purge adds rows."""
    kinds = KeptFigure.objects.values_list("day", "figure", "channel", "country", "reason").order_by()
    return {day for day, *_kind in kinds.annotate(many=Count("*")).filter(many__gt=1)}


def _take_refusals(day: date) -> None:
    """Add a day's refused requests to its figures, as they are taken from the limiter's store.

    Race: two that take at once. Who holds the day's row takes; what could not be written is put back.
    """
    counters = {rule: ratelimits.refusals.counter(rule, day) for rule in ratelimits.refusals.REFUSING}
    waiting = [rule for rule, counter in counters.items() if counter.count()]
    if not waiting:
        return
    taken: Counter[str] = Counter()
    written = False

    def take() -> None:
        nonlocal written
        written = _held(day) is not None  # not, where another try has taken and lost the day to somebody since
        if not written:
            return
        for rule in waiting:
            taken[rule] += counters[rule].take()
        _add(day, taken)

    _open([day])
    try:
        written = _unless_others_do(take) and written
    except BaseException:
        written = False
        raise
    finally:
        if not written:
            for rule, count in taken.items():
                counters[rule].put_back(count)


def _add(day: date, refused: Counter[str]) -> None:
    for rule, count in refused.items():
        if not count:
            continue
        row = {"day": day, "figure": Figure.REFUSAL, "channel": "", "country": "", "reason": rule}
        if not DailyFigure.objects.filter(**row).update(count=F("count") + count):
            DailyFigure.objects.create(**row, count=count)
