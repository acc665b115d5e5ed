"""The story of a deletion request, as its page tells it."""

from datetime import timedelta

import time_machine
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django.utils.formats import date_format

from customer_registration.enums import OutboxState
from customer_registration.flows import housekeeping
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OutboxMessage
from tests.admin.conftest import BASE, far_off
from tests.conftest import PASSWORD, last_code


def told(desk, request):
    """Return what the page tells: what, who, note."""
    moments = desk.page(request).context["timeline"]
    assert moments == sorted(moments, key=lambda moment: moment.at)
    return [(moment.what, moment.who, moment.note) for moment in moments]


def day_of(moment):
    """Return how the note names a day."""
    return f"erasure due on {date_format(timezone.localtime(moment))}"


def left_again(api):
    """Log in once more, and confirm another deletion."""
    login = api.post("/auth/customer/emailpass", {"email": "jane@example.com", "password": PASSWORD})
    flow = api.post(f"{BASE}/request", {}, token=login.json()["token"]).json()["token"]
    answer = api.post(f"{BASE}/confirm", {"token": flow, "code": last_code("jane@example.com")})
    return AccountDeletionRequest.objects.get(pk=answer.json()["request"]["id"])


def test_it_tells_who_did_what_newest_last(boss, leaver, veto):
    request = leaver()
    reminded = timezone.now()
    OutboxMessage.objects.create(
        kind="account_deletion_reminder",
        channel="email",
        customer=request.customer,
        state=OutboxState.SENT,
        sent_at=reminded,
    )
    boss.do("postpone", request)
    veto()
    boss.do("erase_now", request)
    who = boss.user.get_username()
    moved = AccountDeletionRequest.objects.get().scheduled_at
    assert told(boss, request) == [
        ("Requested", "the customer", ""),
        ("Confirmed", "the customer", day_of(request.scheduled_at)),
        ("Reminded", "automatic", ""),
        ("Postponed", who, day_of(moved)),
        ("Erasure ordered at once", who, ""),
        ("Erasure failed", "automatic", "An order is on its way."),
    ]
    boss.do("cancel", request)
    assert told(boss, request)[-1] == ("Cancelled", who, "")


def test_a_reminder_that_waits_or_failed_says_so(boss, leaver):
    request = leaver()
    OutboxMessage.objects.create(
        kind="account_deletion_reminder", channel="email", customer=request.customer, state=OutboxState.FAILED
    )
    assert told(boss, request)[-1] == ("Reminded", "automatic", "Failed")


def test_the_customers_own_cancellation_is_theirs(boss, leaver, api):
    request = leaver()
    flow = api.post(f"{BASE}/cancel-request", {"email": "jane@example.com"}).json()["token"]
    answer = api.post(f"{BASE}/cancel-confirm", {"token": flow, "code": last_code("jane@example.com")})
    assert answer.status_code == 200
    assert told(boss, request)[-1] == ("Cancelled", "the customer", "")


def test_a_request_that_nobody_confirmed_lapses_by_itself(boss, api, verified):
    _, token = verified("jane@example.com")
    assert api.post(f"{BASE}/request", {}, token=token).status_code == 200
    request = AccountDeletionRequest.objects.get()
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert housekeeping.purge()["unconfirmed"] == 0
    assert told(boss, request) == [("Requested", "the customer", "")]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert housekeeping.purge()["unconfirmed"] == 1
    assert told(boss, request) == [("Requested", "the customer", ""), ("Cancelled", "automatic", "")]


def test_the_erasure_ends_it_and_who_ordered_what_stays_known(boss, staff, leaver):
    colleague = staff("view", "postpone", name="colleague")
    request = leaver()
    colleague.do("postpone", request, day=far_off(50))
    moved = AccountDeletionRequest.objects.get().scheduled_at
    boss.do("erase_now", request)
    LogEntry.objects.all().delete()
    assert told(boss, request) == [
        ("Requested", "the customer", ""),
        ("Confirmed", "the customer", day_of(request.scheduled_at)),
        ("Postponed", "colleague", day_of(moved)),
        ("Erasure ordered at once", "boss", ""),
        ("Erased", "automatic", "Anonymize"),
    ]
    assert "jane" not in boss.page(request).rendered_content


def test_who_cancelled_is_known_after_a_later_erasure(boss, api, leaver):
    first = leaver()
    boss.do("cancel", first)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        second = left_again(api)
        boss.do("erase_now", second)
    LogEntry.objects.all().delete()
    assert told(boss, second)[-1] == ("Erased", "automatic", "Anonymize")
    assert told(boss, first)[-1] == ("Cancelled", "boss", "")


def test_who_cancelled_is_known_when_the_audit_trail_is_cleared_away(boss, leaver):
    request = leaver()
    boss.do("cancel", request)
    AccountEvent.objects.all().delete()
    assert told(boss, request)[-1] == ("Cancelled", "boss", "")


def test_each_request_of_a_customer_has_its_own_story(boss, leaver):
    first = leaver()
    boss.do("cancel", first)
    later = timezone.now() + timedelta(seconds=1)
    customer = Customer.objects.get()
    second = AccountDeletionRequest.objects.create(
        customer=customer, customer_ref=customer.pk, active_customer_id=customer.pk, created_at=later
    )
    AccountEvent.objects.create(
        kind="deletion_postponed",
        customer=customer,
        customer_ref=customer.pk,
        created_at=later + timedelta(seconds=1),
        detail={"by": str(boss.user.pk)},
    )
    assert [what for what, *_ in told(boss, first)] == ["Requested", "Confirmed", "Cancelled"]
    assert [what for what, *_ in told(boss, second)] == ["Requested", "Postponed"]


def test_the_times_remain_when_the_audit_trail_is_cleared_away(boss, leaver):
    request = leaver()
    AccountEvent.objects.all().delete()
    assert [what for what, *_ in told(boss, request)] == ["Requested", "Confirmed"]


def test_the_page_costs_the_same_however_long_the_story(boss, leaver, counted):
    def cost():
        with counted() as queries:
            assert boss.page(request).status_code == 200
        return len(queries.statements)

    request = leaver()
    boss.do("postpone", request)
    once = cost()
    for days in (41, 42, 43):
        boss.do("postpone", request, day=far_off(days))
    assert cost() == once
