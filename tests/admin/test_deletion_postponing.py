"""Another day for the erasure: never sooner than the customer was told, and the customer is told of it."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django.utils.formats import date_format

from customer_registration.flows.deletion import desk
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OutboxMessage
from tests.admin.conftest import far_off, said
from tests.conftest import messages_to

SOONER = "Left alone, it would come sooner than the customer was told"


def state(*requests):
    """Return what postponing could have changed, all of it."""
    rows = AccountDeletionRequest.objects.filter(pk__in=[request.pk for request in requests]).order_by("pk")
    counts = [model.objects.count() for model in (AccountEvent, LogEntry, OutboxMessage)]
    customers = Customer.objects.filter(deletion_requests__in=rows).order_by("pk")
    return list(rows.values()), list(customers.values()), counts


def day_of(request):
    """Return the day of the erasure, as a form takes it."""
    return str(timezone.localdate(AccountDeletionRequest.objects.get(pk=request.pk).scheduled_at))


def test_postponing_moves_the_day_and_tells_the_customer(boss, leaver):
    request = leaver()
    day = timezone.localdate() + timedelta(days=90)
    boss.do("postpone", request, day=str(day))
    moved = AccountDeletionRequest.objects.get()
    assert moved.scheduled_at == moved.due_at == Customer.objects.get().deletion_scheduled_at
    assert timezone.localdate(moved.scheduled_at) == day
    assert timezone.localtime(moved.scheduled_at).time() == timezone.localtime(request.scheduled_at).time()
    assert f"will be deleted on {date_format(day)}." in messages_to("jane@example.com")[0]
    assert "jane" not in LogEntry.objects.get().change_message


def test_a_new_day_is_asked_for_first(boss, leaver):
    html = boss.ask("postpone", leaver()).rendered_content
    assert '<input type="date" name="day"' in html
    assert "errorlist" not in html


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        (-1, "The day must be in the future."),
        (0, "The day must be in the future."),
        (367, "At most a year ahead; it can be postponed again."),
        (None, "This field is required."),
        ("soon", "Enter a valid date."),
    ],
)
def test_a_bad_day_is_said_and_nothing_is_lost(boss, leaver, days, problem):
    rows = [leaver("jane@example.com"), leaver("john@example.com")]
    before = state(*rows)
    day = "" if days is None else days if days == "soon" else far_off(days)
    asked = boss.do("postpone", *rows, day=day)
    html = asked.rendered_content
    assert problem in html
    assert f'value="{day}"' in html
    for request in rows:
        assert f'name="_selected_action" value="{request.pk}"' in html
    assert state(*rows) == before


@pytest.mark.parametrize("ahead", [0, 1])
def test_the_day_that_the_customer_was_told_is_the_first_one_allowed(boss, leaver, ahead):
    request = leaver()
    day = str(timezone.localdate(request.scheduled_at) + timedelta(days=ahead))
    assert [level for level, _ in said(boss.do("postpone", request, day=day))] == ["success"]
    moved = AccountDeletionRequest.objects.get()
    assert moved.scheduled_at == request.scheduled_at + timedelta(days=ahead)


def test_the_last_day_that_is_allowed_is_a_year_ahead(boss, leaver):
    request = leaver()
    boss.do("postpone", request, day=far_off(366))
    assert day_of(request) == far_off(366)


def test_what_is_overdue_can_be_moved_to_tomorrow(boss, failed):
    request = failed()
    over = timezone.now() - timedelta(days=3)
    AccountDeletionRequest.objects.update(scheduled_at=over, due_at=over)
    boss.do("postpone", request, day=far_off(1))
    assert day_of(request) == far_off(1)


def test_an_erasure_is_never_brought_forward(boss, leaver):
    request = leaver()
    before = state(request)
    for day in (far_off(1), str(timezone.localdate(request.scheduled_at) - timedelta(days=1))):
        told = said(boss.do("postpone", request, day=day))
        assert told == [("warning", f"{SOONER}: {request.customer_ref}")]
    assert state(request) == before
    assert not LogEntry.objects.exists()


def test_one_that_would_come_sooner_never_stops_the_rest(boss, leaver):
    late, soon = leaver("jane@example.com"), leaver("john@example.com")
    boss.do("postpone", late, day=far_off(60))
    before = state(late)[0]
    told = said(boss.do("postpone", late, soon, day=far_off(50)))
    assert sorted(level for level, _ in told) == ["success", "warning"]
    assert ("warning", f"{SOONER}: {late.customer_ref}") in told
    assert (state(late)[0], day_of(soon)) == (before, far_off(50))
    assert LogEntry.objects.filter(object_id=late.pk).count() == 1
    assert LogEntry.objects.filter(object_id=soon.pk).count() == 1


def test_beneath_the_admin_no_grace_period_is_cut_short_either(boss, leaver):
    request = leaver()
    before = state(request)
    with pytest.raises(ValueError, match="before the old one"):
        desk.postpone(request, until=request.scheduled_at - timedelta(microseconds=1), by=boss.user)
    assert state(request) == before
    desk.postpone(request, until=request.scheduled_at, by=boss.user)
    assert state(request) != before
