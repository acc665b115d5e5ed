"""Delete messages and codes without the figures forgetting them.

What a message counted for is written down in the transaction that deletes it. So figures are those of the rows that are
there and of what was written down of the others, whenever and however often they are counted; and nobody has to count
before somebody clears away.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet

from customer_registration.enums import Outcome
from customer_registration.flows.insights import outcomes
from customer_registration.flows.insights.days import begin_of, day_of
from customer_registration.models import CountedDay, KeptFigure, OtpVerification, OutboxMessage
from customer_registration.models.integrity import locked

# What is deleted while it may still be answered, never will be.
_ENDS = {Outcome.OPEN: Outcome.EXPIRED, Outcome.WAITING: Outcome.TOO_LATE}


def delete_messages(rows: QuerySet[OutboxMessage], *, now: datetime) -> int:
    """Delete messages in the caller's transaction, and keep what they counted for; return how many.

    Race: two that delete the same rows would both keep their figures. The rows are held first, and who comes second
    finds none. Those of settled days are counted for good, so nothing is kept of them: they go by one statement.

    Args:
        rows: which; no more than a statement can name.
        now: the time of the transaction.
    """
    settled = _settled_before()
    gone, _ = rows.filter(created_at__lt=settled).delete() if settled else (0, {})
    uncounted = rows.filter(created_at__gte=settled) if settled else rows
    held = list(uncounted.order_by("pk").select_for_update().values_list("pk", flat=True))
    return gone + _delete(held, now=now)


def delete_free_messages(rows: QuerySet[OutboxMessage], size: int, *, now: datetime) -> int:
    """Delete at most ``size`` messages as `delete_messages`, those left out that somebody else holds."""
    return _delete(list(locked(rows.values_list("pk", flat=True))[:size]), now=now)


def delete_codes(ids: list[str], *, now: datetime) -> int:
    """Delete codes, and write down on their messages what came of them; return how many."""
    messages = OutboxMessage.objects.filter(otp__in=ids)
    # In this order: MySQL looks at the new values of the columns that it has set.
    messages.update(outcome=outcomes.to_write_down(now), otp=None)
    return OtpVerification.objects.filter(pk__in=ids).delete_at_once()


def _settled_before() -> datetime | None:
    """Return the moment before which every message is counted for good; ``None`` if nothing has been counted yet.

    Each day from the first message on has a row once figures were brought up to date, and no settled day reopens.
    """
    first = CountedDay.objects.filter(is_settled=False).aggregate(first=Min("day"))["first"]
    return begin_of(first) if first else None


def _delete(ids: list[int], *, now: datetime) -> int:
    if not ids:
        return 0
    rows = outcomes.counted().filter(pk__in=ids)
    values = rows.values_list("created_at", outcomes.figure(), "channel", "country", outcomes.outcome(now))
    tallies: Counter[tuple[Any, ...]] = Counter()
    for created_at, figure, channel, country, outcome in values:
        tallies[day_of(created_at), figure, channel, country, _ENDS.get(outcome, outcome)] += 1
    KeptFigure.objects.bulk_create(
        KeptFigure(day=day, figure=figure, channel=channel, country=country, reason=reason, count=count)
        for (day, figure, channel, country, reason), count in tallies.items()
    )
    OutboxMessage.objects.filter(pk__in=ids).delete()
    return len(ids)
