"""What is final is done only to what the page that asked has shown; whose customer is gone is left alone."""

import pytest
from django.contrib.admin.models import LogEntry

from customer_registration.enums import DeletionStatus, EventKind
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer
from tests.admin.conftest import ACTIONS, far_off, said, seen_on

Status = DeletionStatus
CHANGED = "Left alone, it has changed since you were asked"
FINAL = ("erase_now", "retry")


@pytest.fixture
def colleague(staff):
    """Somebody else who may do all of it."""
    return staff("view", "cancel", "postpone", "erase", name="colleague")


def still_there(request):
    """Whether the account is there, and nobody has ordered its erasure."""
    hastened = AccountEvent.objects.filter(customer_ref=request.customer_ref, kind=EventKind.DELETION_HASTENED)
    return Customer.objects.get(pk=request.customer_ref).email is not None and not hastened.exists()


@pytest.mark.parametrize("action", FINAL)
def test_an_account_that_a_colleague_postpones_meanwhile_is_not_erased(boss, colleague, failed, action):
    request = failed()
    asked = boss.ask(action, request)
    colleague.do("postpone", request)
    assert said(boss.agree(asked, action, request)) == [("warning", f"{CHANGED}: {request.customer_ref}")]
    assert still_there(request)
    assert AccountDeletionRequest.objects.get().status == Status.CONFIRMED
    assert [entry.user for entry in LogEntry.objects.all()] == [colleague.user]


def test_one_that_fails_meanwhile_is_asked_about_again(boss, leaver):
    request = leaver()
    asked = boss.ask("erase_now", request)
    AccountDeletionRequest.objects.update(status=Status.FAILED)
    assert said(boss.agree(asked, "erase_now", request)) == [("warning", f"{CHANGED}: {request.customer_ref}")]
    assert still_there(request)
    assert [level for level, _ in said(boss.do("erase_now", request))] == ["success"]
    assert Customer.objects.get().email is None


@pytest.mark.parametrize("action", FINAL)
def test_who_was_not_asked_erases_nothing(boss, failed, action):
    request, other = failed("jane@example.com"), failed("john@example.com")
    for fields in (
        {},
        seen_on(boss.ask(action, other)),
        {f"seen_{request.pk}": ""},
        {f"seen_{request.pk}": "failed"},
    ):
        told = said(boss.ask(action, request, confirmed="yes", **fields))
        assert told == [("warning", f"{CHANGED}: {request.customer_ref}")]
    assert still_there(request)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("action", FINAL)
def test_all_that_a_filter_finds_is_not_erased_unseen(boss, failed, action):
    request, other = failed("jane@example.com"), failed("john@example.com")
    asked = boss.ask(action, request)
    told = said(boss.agree(asked, action, request, select_across="1", index="0", query="?status__exact=failed"))
    assert sorted(level for level, _ in told) == ["success", "warning"]
    assert ("warning", f"{CHANGED}: {other.customer_ref}") in told
    assert still_there(other)


def test_one_that_has_changed_never_stops_the_rest(boss, colleague, leaver):
    rows = [leaver(f"{name}@example.com") for name in ("jane", "john", "judy")]
    asked = boss.ask("erase_now", *rows)
    colleague.do("postpone", rows[1])
    told = said(boss.agree(asked, "erase_now", *rows))
    erased = f"Erased: {rows[0].customer_ref}, {rows[2].customer_ref}"
    assert sorted(told) == [("success", erased), ("warning", f"{CHANGED}: {rows[1].customer_ref}")]
    assert still_there(rows[1])


@pytest.mark.parametrize("action", ["cancel", "postpone"])
def test_what_can_be_undone_is_done_as_the_request_stands_by_now(boss, colleague, leaver, action):
    request = leaver()
    asked = boss.ask(action, request)
    colleague.do("postpone", request)
    done = boss.agree(asked, action, request, **({"day": far_off(50)} if action == "postpone" else {}))
    assert [level for level, _ in said(done)] == ["success"]


@pytest.mark.parametrize("status", [Status.PENDING, Status.CONFIRMED, Status.FAILED])
def test_a_request_whose_customer_is_gone_is_offered_nothing(boss, row, status):
    request = row(status)
    Customer.objects.all().delete()
    request.refresh_from_db()
    assert (request.is_open, request.is_erasable) == (False, False)
    page = boss.page(request)
    assert (page.status_code, page.context["buttons"]) == (200, [])
    for action in ACTIONS:
        assert "nothing to do" in boss.ask(action, request).rendered_content
        assert [level for level, _ in said(boss.do(action, request))] == ["warning"]
    request.refresh_from_db()
    assert request.status == status
    assert not LogEntry.objects.exists()
