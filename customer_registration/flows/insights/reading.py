"""Read the figures of a stretch of days, in four statements that do not grow with the messages."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.utils import timezone

from customer_registration.enums import Figure, Outcome
from customer_registration.flows.insights import days, outcomes, rollup
from customer_registration.models import AccountDeletionRequest, DailyFigure

WEEKS = 8  # of deletions to come
WEEK = timedelta(days=7)


@dataclass(slots=True)
class Road:
    """How far messages with a code came: set out, taken by the provider, and their codes brought back."""

    sent: int = 0
    delivered: int = 0
    verified: int = 0

    def add(self, outcome: str, count: int) -> None:
        """Count messages in. Those that were held back were not sent."""
        if outcome in outcomes.HELD:
            return
        self.sent += count
        self.delivered += count if outcome in outcomes.DELIVERED else 0
        self.verified += count if outcome == Outcome.VERIFIED else 0

    @property
    def conversion(self) -> float:
        """The part of what was sent that was verified."""
        return self.verified / self.sent if self.sent else 0.0


@dataclass(slots=True)
class Week:
    """How many accounts will be erased in a week."""

    begin: date
    count: int


@dataclass(slots=True)
class Insights:
    """What the page shows. ``by_day`` has every day of the stretch for each channel, the busiest channel first."""

    first: date
    last: date
    counted_at: datetime | None
    totals: dict[str, Road] = field(default_factory=dict)
    by_day: dict[str, dict[date, Road]] = field(default_factory=dict)
    countries: dict[str, Road] = field(default_factory=dict)
    undelivered: dict[str, int] = field(default_factory=dict)
    unverified: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    overdue: int = 0
    weeks: list[Week] = field(default_factory=list)


def read(length: int) -> Insights:
    """Return the figures of so many days, today's included."""
    last = days.today()
    found = Insights(last - timedelta(days=length - 1), last, rollup.counted_at())
    rows = DailyFigure.objects.filter(day__gte=found.first, day__lte=last).order_by()
    _read_days(found, rows)
    found.countries = _countries(rows)
    found.overdue, found.weeks = _deletions(last)
    return found


def _read_days(found: Insights, rows: QuerySet[DailyFigure]) -> None:
    stretch = [found.first + timedelta(days=each) for each in range((found.last - found.first).days + 1)]
    by_day: dict[str, dict[date, Road]] = defaultdict(lambda: {day: Road() for day in stretch})
    totals: dict[str, Road] = defaultdict(Road)
    undelivered: Counter[str] = Counter()
    unverified: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    tallies = rows.values_list("day", "figure", "channel", "reason").annotate(total=Sum("count"))
    for day, figure, channel, reason, count in tallies:
        if figure == Figure.REFUSAL:
            refusals[reason] += count
            continue
        if reason in (*outcomes.UNDELIVERED, *outcomes.HELD):
            undelivered[reason] += count
        if figure == Figure.CODE:
            by_day[channel][day].add(reason, count)
            totals[channel].add(reason, count)
            if reason in outcomes.UNVERIFIED:
                unverified[reason] += count
    busiest = sorted(totals, key=lambda channel: (-totals[channel].sent, channel))
    found.totals = {channel: totals[channel] for channel in busiest}
    found.by_day = {channel: by_day[channel] for channel in busiest}
    found.undelivered, found.unverified = _sorted(undelivered), _sorted(unverified)
    found.refusals = _sorted(refusals)


def _countries(rows: QuerySet[DailyFigure]) -> dict[str, Road]:
    """Return the roads of codes to phone numbers by country, the busiest first."""
    countries: dict[str, Road] = defaultdict(Road)
    numbers = rows.filter(figure=Figure.CODE).exclude(country="")
    for country, reason, count in numbers.values_list("country", "reason").annotate(total=Sum("count")):
        countries[country].add(reason, count)
    busiest = sorted(countries.items(), key=lambda item: (-item[1].sent, item[0]))
    return {country: road for country, road in busiest if road.sent}


def _deletions(today: date) -> tuple[int, list[Week]]:
    """Return how many erasures are overdue, and how many are due in each of the coming weeks.

    A count for each stretch of the index, in one statement: none looks at a row of another's.
    """
    begins = [today + number * WEEK for number in range(WEEKS + 1)]
    bounds = [timezone.now(), *map(days.begin_of, begins[1:])]
    stretches = [Q(due_at__lte=bounds[0]), *(Q(due_at__gt=begin, due_at__lte=end) for begin, end in pairwise(bounds))]
    overdue, *weeks = (
        AccountDeletionRequest.objects.filter(stretch).order_by().values_list(Value(number)).annotate(many=Count("*"))
        for number, stretch in enumerate(stretches)
    )
    counts: dict[int, int] = dict(overdue.union(*weeks, all=True))
    return counts[0], [Week(begin, counts[number]) for number, begin in enumerate(begins[:-1], 1)]


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())
