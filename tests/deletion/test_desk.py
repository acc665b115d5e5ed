"""What staff may do with a request, and when it is too late: cancel, postpone, erase now."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.exceptions import DeletionClosed, ErasureVetoed
from customer_registration.flows.deletion import desk
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountEvent
from customer_registration.signals import (
    account_about_to_be_erased,
    account_deletion_cancelled,
    account_deletion_scheduled,
)
from tests.conftest import PASSWORD, messages_to
from tests.deletion.conftest import EMAIL

CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
LOGIN = "/auth/customer/emailpass"

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def act(boss, django_capture_on_commit_callbacks):
    """Act on a request as staff, and let run what is due on commit."""

    def run(action, request, **options):
        with django_capture_on_commit_callbacks(execute=True):
            return action(request, by=boss, **options)

    return run


@pytest.fixture
def refused():
    """Let the project refuse every erasure, until this is called."""

    def veto(**arguments):
        raise ErasureVetoed("An order is on its way.")

    def relent():
        account_about_to_be_erased.disconnect(veto)

    account_about_to_be_erased.connect(veto)
    yield relent
    relent()


def in_a_fortnight():
    return timezone.now() + timedelta(days=14)


def audited(kind, jane):
    return AccountEvent.objects.get(kind=kind, customer_ref=jane.id).detail


def test_staff_cancel(api, leaving, act, boss, hear):
    jane, heard = leaving(), hear(account_deletion_cancelled)
    shown = act(desk.cancel, jane.request)
    assert (shown.pk, shown.status, jane.request.status) == (jane.request.pk, "cancelled", "cancelled")
    assert [(each["customer"].pk, each["request"].pk) for each in heard] == [(jane.id, shown.pk)]
    assert audited("deletion_cancelled", jane) == {"by": str(boss.pk)}
    assert "Your account will not be deleted" in messages_to(EMAIL)[0]
    assert api.post(LOGIN, CREDENTIALS).status_code == 200


def test_staff_cancel_a_pending_request(verified, ask_to_leave, act):
    person, token = verified()
    ask_to_leave(token)
    assert act(desk.cancel, person.row.deletion_requests.get()).status == "cancelled"


def test_staff_postpone(api, leaving, act, boss, hear):
    jane, heard, until = leaving(), hear(account_deletion_scheduled), in_a_fortnight()
    act(desk.postpone, jane.request, until=until)
    row = jane.request
    assert (row.status, row.scheduled_at, row.due_at) == ("confirmed", until, until)
    assert [(each["customer"].pk, each["request"].scheduled_at) for each in heard] == [(jane.id, until)]
    assert audited("deletion_postponed", jane) == {"by": str(boss.pk), "scheduled_at": until.isoformat()}
    assert sum("Your account will be deleted on" in text for text in messages_to(EMAIL)) == 2
    answer = api.post(LOGIN, CREDENTIALS)
    told = until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (answer.status_code, answer.json()["scheduled_at"]) == (403, told)


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(days=1)])
def test_nothing_is_postponed_into_the_past(leaving, act, ago):
    jane = leaving()
    before = jane.request.scheduled_at
    with pytest.raises(ValueError, match="future"):
        act(desk.postpone, jane.request, until=timezone.now() - ago)
    assert jane.request.scheduled_at == before


def test_no_grace_period_is_cut_short(leaving, act):
    jane = leaving()
    told = jane.request.scheduled_at
    for until in (timezone.now() + timedelta(minutes=1), told - timedelta(microseconds=1)):
        with pytest.raises(ValueError, match="must not be before the old one"):
            act(desk.postpone, jane.request, until=until)
    assert (jane.request.scheduled_at, jane.request.due_at, jane.row.deletion_scheduled_at) == (told, told, told)
    assert not AccountEvent.objects.filter(kind="deletion_postponed").exists()
    assert act(desk.postpone, jane.request, until=told).scheduled_at == told


def test_staff_erase_now(leaving, act, boss):
    jane = leaving()
    assert act(desk.erase_now, jane.request).erased == 1
    assert (jane.request.status, jane.row.email) == ("completed", None)
    assert AccountEvent.objects.filter(kind="deletion_hastened", customer_ref=jane.id).exists()


def test_staff_erase_nobody_else(leaving, act):
    jane, joe = leaving(), leaving("joe@example.com")
    act(desk.erase_now, jane.request)
    assert (joe.request.status, joe.row.email) == ("confirmed", "joe@example.com")


def test_a_failed_erasure_can_be_tried_again_postponed_or_cancelled(leaving, act, refused):
    jane = leaving()
    assert len(act(desk.erase_now, jane.request).failures) == 1
    assert (jane.request.status, jane.request.last_error) == ("failed", "An order is on its way.")
    assert len(act(desk.erase_now, jane.request).failures) == 1
    act(desk.postpone, jane.request, until=in_a_fortnight())
    assert jane.request.status == "confirmed"
    act(desk.cancel, jane.request)
    assert jane.request.status == "cancelled"


def test_an_erasure_that_staff_hastened_and_that_failed_has_its_grace_period_again(leaving, act, refused):
    jane = leaving()
    told = jane.request.scheduled_at
    assert len(act(desk.erase_now, jane.request).failures) == 1
    assert (jane.request.due_at, jane.request.scheduled_at) == (told, told)
    refused()
    with time_machine.travel(told - timedelta(seconds=1), tick=False):
        assert Run().work().total == 0
    assert jane.row.email == EMAIL
    with time_machine.travel(told, tick=False):
        assert Run().work().erased == 1


def test_one_that_failed_past_its_grace_period_is_due_in_the_next_run(leaving, act, refused):
    jane = leaving()
    with time_machine.travel(jane.request.scheduled_at + timedelta(hours=1), tick=False) as clock:
        assert len(act(desk.erase_now, jane.request).failures) == 1
        refused()
        clock.shift(timedelta(seconds=1))
        assert Run().work().erased == 1


def test_a_request_that_is_postponed_begins_anew(leaving, act, refused):
    jane = leaving()
    for _ in range(2):
        act(desk.erase_now, jane.request)
    assert (jane.request.tries, jane.request.last_error) == (2, "An order is on its way.")
    act(desk.postpone, jane.request, until=in_a_fortnight())
    assert (jane.request.tries, jane.request.last_error) == (0, "")
    act(desk.erase_now, jane.request)
    assert jane.request.tries == 1
    assert AccountEvent.objects.filter(kind="deletion_failed", customer_ref=jane.id).count() == 2


@pytest.mark.parametrize("closed_by", ["cancellation", "erasure"])
def test_a_closed_request_stays_as_it_is(leaving, stay, act, closed_by):
    jane = leaving()
    if closed_by == "cancellation":
        stay()
    else:
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            act(desk.erase_now, jane.request)
    before, events = jane.request.__dict__ | {"_state": None}, AccountEvent.objects.count()
    for action, options in ((desk.cancel, {}), (desk.postpone, {"until": in_a_fortnight()}), (desk.erase_now, {})):
        with pytest.raises(DeletionClosed) as refusal:
            act(action, jane.request, **options)
        assert (refusal.value.type, refusal.value.code) == ("conflict", "deletion_closed")
    assert jane.request.__dict__ | {"_state": None} == before
    assert AccountEvent.objects.count() == events


@pytest.mark.parametrize("action", [desk.postpone, desk.erase_now])
def test_what_is_not_confirmed_is_not_waiting_to_be_erased(verified, ask_to_leave, act, action):
    person, token = verified()
    ask_to_leave(token)
    request, options = person.row.deletion_requests.get(), {"until": in_a_fortnight()}
    with pytest.raises(DeletionClosed):
        act(action, request, **(options if action == desk.postpone else {}))
    assert person.row.email == EMAIL
