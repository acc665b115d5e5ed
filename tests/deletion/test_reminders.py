"""A reminder ``REMINDER_DAYS`` before the erasure: once for each day, late rather than never, and none too many."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration import tasks
from customer_registration.flows.deletion import desk, reminders
from customer_registration.models import AccountDeletionRequest, Customer, OutboxMessage
from tests.conftest import PASSWORD, messages_to
from tests.deletion.conftest import EMAIL

REMINDER = "account_deletion_reminder"

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def remind(django_capture_on_commit_callbacks):
    """Let the recurring task look at reminders so many days after now; return how many went out."""
    start = timezone.now()

    def run(days):
        with time_machine.travel(start + timedelta(days=days)), django_capture_on_commit_callbacks(execute=True):
            return reminders.send_due()

    return run


@pytest.fixture
def days_before(configure):
    """Set ``REMINDER_DAYS``."""
    return lambda *days: configure(ACCOUNT_DELETION_REQUEST={"REMINDER_DAYS": list(days)})


def reminded():
    return OutboxMessage.objects.filter(kind=REMINDER).count()


def test_it_goes_out_a_day_before_by_default_and_once(leaving, remind):
    leaving()
    assert [remind(days) for days in (0.1, 5.9, 6.1, 6.1, 6.9)] == [0, 0, 1, 0, 0]
    assert "Your account will be deleted on" in messages_to(EMAIL)[0]


def test_the_recurring_task_sends_it(leaving):
    jane = leaving()
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=1)):
        tasks.run_due_deletions()
    assert reminded() == 1
    assert jane.request.status == "confirmed"


def test_each_day_has_one(leaving, remind, days_before):
    days_before(1, 5, 3)
    leaving()
    assert [remind(days) for days in (1.9, 2.1, 3.9, 4.1, 4.2, 5.9, 6.1, 6.5, 7.5)] == [0, 1, 0, 1, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("days", [6.2, 6.9])
def test_it_goes_out_late_rather_than_never(leaving, remind, days):
    leaving()
    assert [remind(days), remind(6.95)] == [1, 0]


def test_several_that_were_missed_are_made_good_by_one(leaving, remind, days_before):
    days_before(5, 3, 1)
    leaving()
    assert [remind(days) for days in (4.5, 4.6, 6.5, 6.6)] == [1, 0, 1, 0]


@pytest.mark.parametrize("days", [7.01, 20])
def test_it_does_not_go_out_when_the_erasure_is_due(leaving, remind, days):
    jane = leaving()
    assert remind(days) == 0
    assert jane.request.reminder_at is None


@pytest.mark.parametrize(("scheduled_days", "days"), [(7, []), (1, [1]), (1, [3, 2]), (0, [1])])
def test_there_is_none_where_no_day_lies_ahead(leaving, remind, configure, scheduled_days, days):
    configure(ACCOUNT_DELETION_REQUEST={"SCHEDULED_DAYS": scheduled_days, "REMINDER_DAYS": days})
    jane = leaving()
    assert jane.request.reminder_at is None
    assert {remind(when) for when in (0, 0.5, 1, 6.5)} == {0}


def test_none_goes_out_while_the_request_is_pending(verified, ask_to_leave, remind):
    _, token = verified()
    ask_to_leave(token)
    assert {remind(days) for days in (0, 6.5, 8)} == {0}


def test_none_goes_out_after_a_cancellation(leaving, stay, remind):
    leaving()
    stay()
    assert remind(6.5) == 0


def test_a_deletion_that_was_asked_for_again_has_its_own(api, leaving, stay, leave, remind):
    leaving()
    stay()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        leave(api.post("/auth/customer/emailpass", {"email": EMAIL, "password": PASSWORD}).json()["token"])
    assert [remind(days) for days in (6.5, 8.9, 9.1)] == [0, 0, 1]


def test_a_postponed_deletion_is_reminded_of_anew(leaving, remind, boss):
    jane = leaving()
    assert remind(6.5) == 1
    desk.postpone(jane.request, until=timezone.now() + timedelta(days=20), by=boss)
    assert [remind(days) for days in (6.6, 18.9, 19.1, 19.2)] == [0, 0, 1, 0]


def test_a_postponed_deletion_is_not_reminded_of_on_the_old_day(leaving, remind, boss):
    jane = leaving()
    desk.postpone(jane.request, until=timezone.now() + timedelta(days=20), by=boss)
    assert remind(6.5) == 0


def test_everybody_is_reminded_in_batches(leaving, remind, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH_SIZE", 2)
    for number in range(5):
        leaving(f"person{number}@example.com")
    assert remind(6.5) == 5
    told = OutboxMessage.objects.filter(kind=REMINDER).values_list("destination", flat=True)
    assert sorted(told) == [f"person{number}@example.com" for number in range(5)]


def test_whoever_cannot_be_reached_stops_nobody(leaving, remind):
    gone, jane = leaving("gone@example.com"), leaving()
    Customer.objects.filter(pk=gone.id).update(email=None)
    assert remind(6.5) == 1
    assert OutboxMessage.objects.get(kind=REMINDER).customer_id == jane.id
    assert not AccountDeletionRequest.objects.exclude(reminder_at=None).exists()
