"""Many count, clear away and refuse at once: every message counts once, and every refused request."""

import pytest
from django.db.models import Sum
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.flows.insights import kept, rollup
from customer_registration.models import CountedDay, DailyFigure, KeptFigure, OutboxMessage
from customer_registration.models.integrity import atomically
from tests.races.at_once import THREADS, at_once

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]
MESSAGES, REFUSED, BATCH = 480, 96, 40


def total(figure):
    """Return how many the figures say there were."""
    return DailyFigure.objects.filter(figure=figure).aggregate(total=Sum("count"))["total"] or 0


def rush(delete):
    """Let some count, some delete the same messages and some refuse requests."""
    OutboxMessage.objects.bulk_create(
        OutboxMessage(kind="password_changed", channel="email", state="sent") for _ in range(MESSAGES)
    )
    now = timezone.now()

    def count():
        for _ in range(3):
            rollup.bring_up_to_date()
            assert total("notice") == MESSAGES

    def clear():
        while ids := list(OutboxMessage.objects.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            atomically(lambda ids=ids: delete(OutboxMessage.objects.filter(pk__in=ids), now=now))

    def refuse():
        for _ in range(REFUSED // (THREADS // 3)):
            ratelimits.refusals.note("login")

    rollup.bring_up_to_date()
    at_once(*[act for act in (count, clear, refuse) for _ in range(THREADS // 3)])
    rollup.bring_up_to_date()
    assert not OutboxMessage.objects.exists()
    return total("notice"), total("refusal")


def test_counting_and_deleting_at_once_is_exact():
    assert rush(kept.delete_messages) == (MESSAGES, REFUSED)
    assert CountedDay.objects.count() == 1
    assert KeptFigure.objects.aggregate(total=Sum("count"))["total"] == MESSAGES


def test_deleting_without_holding_the_rows_counts_some_twice(monkeypatch, read_committed, meeting):
    """What the test above has to see."""

    def delete(rows, *, now):
        ids = list(rows.values_list("pk", flat=True))
        meeting()
        kept._delete(ids, now=now)

    with pytest.raises(AssertionError):
        assert rush(delete) == (MESSAGES, REFUSED)
