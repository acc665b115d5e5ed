"""What staff do with deletion requests in Django's admin: asked first, permitted, audited, each on its own."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from customer_registration.admin import confirmation
from customer_registration.enums import DeletionStatus, EventKind
from customer_registration.exceptions import DeletionClosed
from customer_registration.flows.deletion import desk
from customer_registration.flows.deletion.executor import Tally
from customer_registration.models import AccountDeletionRequest, AccountEvent
from tests.admin.conftest import ACTIONS, LIST, PERMISSIONS, far_off, said, seen_on
from tests.conftest import PASSWORD, messages_to

Status = DeletionStatus
FINAL = "This cannot be undone"
EFFECTS = {
    "cancel": (Status.CANCELLED, EventKind.DELETION_CANCELLED, "Cancelled the deletion."),
    "postpone": (Status.CONFIRMED, EventKind.DELETION_POSTPONED, "Postponed the erasure to "),
    "erase_now": (Status.COMPLETED, EventKind.DELETION_HASTENED, "Erased the account."),
    "retry": (Status.COMPLETED, EventKind.DELETION_HASTENED, "Erased the account."),
}


def state(request):
    """Return what an action could have changed, all of it."""
    row = AccountDeletionRequest.objects.get(pk=request.pk)
    return row.status, row.scheduled_at, row.due_at, AccountEvent.objects.count(), LogEntry.objects.count()


@pytest.mark.parametrize("action", ACTIONS)
def test_with_its_permission_an_action_asks_and_is_done_and_audited(staff, failed, action):
    clerk, request = staff("view", PERMISSIONS[action]), failed()
    before = state(request)
    assert f'<option value="{action}">' in clerk.listing().rendered_content
    asked = clerk.ask(action, request)
    assert state(request) == before
    for shown in (request.customer_ref, request.pk, "j***@example.com", "Failed"):
        assert shown in asked.rendered_content
    done = clerk.do(action, request)
    status, kind, logged = EFFECTS[action]
    assert [level for level, _ in said(done)] == ["success"]
    assert request.customer_ref in said(done)[0][1]
    assert state(request)[0] == status
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_id, entry.object_repr) == (
        clerk.user,
        request.pk,
        f"{request.customer_ref} ({status})",
    )
    assert entry.get_change_message().startswith(logged)
    event = AccountEvent.objects.get(customer_ref=request.customer_ref, kind=kind)
    assert event.detail["by"] == str(clerk.user.pk)


@pytest.mark.parametrize("action", ACTIONS)
def test_without_its_permission_an_action_is_neither_offered_nor_done(staff, failed, action):
    others = {"cancel", "postpone", "erase"} - {PERMISSIONS[action]}
    clerk, request = staff("view", "change", "delete", *others), failed()
    before = state(request)
    assert f'value="{action}"' not in clerk.listing().rendered_content
    assert f'value="{action}"' not in clerk.page(request).rendered_content
    assert said(clerk.ask(action, request)) == [("warning", "No action selected.")]
    assert said(clerk.do(action, request)) == [("warning", "No action selected.")]
    assert state(request) == before


def test_who_may_only_look_is_offered_nothing(staff, leaver):
    clerk, request = staff("view"), leaver()
    before = state(request)
    assert 'name="action"' not in clerk.listing().rendered_content
    for action in ACTIONS:
        clerk.do(action, request)
    assert state(request) == before


def test_a_permission_that_is_taken_away_meanwhile_is_missed(staff, leaver):
    clerk, request = staff("view", "erase"), leaver()
    asked = clerk.ask("erase_now", request)
    assert FINAL in asked.rendered_content
    clerk.user.user_permissions.remove(clerk.user.user_permissions.get(codename="erase_accountdeletionrequest"))
    clerk.agree(asked, "erase_now", request)
    assert state(request)[0] == Status.CONFIRMED


def test_another_sites_page_can_do_nothing(boss, leaver):
    request = leaver()
    before = state(request)
    victim = Client(enforce_csrf_checks=True)
    victim.cookies = boss.client.cookies
    for action in ACTIONS:
        sent = {"action": action, "_selected_action": request.pk, "confirmed": "yes", "day": far_off()}
        sent |= seen_on(boss.ask(action, request))
        assert victim.post(reverse(LIST), sent).status_code == 403
    assert state(request) == before


@pytest.mark.parametrize(("action", "final"), [("cancel", 0), ("postpone", 0), ("erase_now", 1), ("retry", 1)])
def test_what_cannot_be_undone_says_so(boss, failed, action, final):
    assert boss.ask(action, failed()).rendered_content.count(FINAL) == final


@pytest.mark.parametrize("key", ["x", "a\0b", "'; drop table", "01ARZ3NDEKTSV4RRFFQ69G5FAV"])
def test_ids_that_somebody_made_up_change_nothing(boss, leaver, key):
    request = leaver()
    before = state(request)
    for action in ACTIONS:
        made_up = AccountDeletionRequest(pk=key)
        assert "nothing to do" in boss.ask(action, made_up).rendered_content
        assert said(boss.do(action, made_up)) == [("warning", "What you selected does not exist any more.")]
    assert state(request) == before


def test_nothing_ticked_is_nothing_done(boss, leaver):
    request = leaver()
    before = state(request)
    for action in ACTIONS:
        boss.do(action)
    assert state(request) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_what_does_not_apply_is_left_alone_and_named(boss, row, action):
    rows = [row(status) for status in Status]
    applies = {
        "cancel": {Status.PENDING, Status.CONFIRMED, Status.FAILED},
        "retry": {Status.FAILED},
    }.get(action, {Status.CONFIRMED, Status.FAILED})
    left = [request for request in rows if request.status not in applies]
    asked = boss.ask(action, *rows)
    assert {line.row for line in asked.context["table"].lines} == set(rows) - set(left)
    skipped = [(request.customer_ref, f"Left alone, the request is {request.get_status_display()}") for request in left]
    assert sorted(asked.context["skipped"]) == sorted(skipped)
    assert all(f"<bdi>{name}</bdi>" in asked.rendered_content for name, _ in skipped)
    told = said(boss.do(action, *left))
    assert {level for level, _ in told} == {"warning"}
    for request in left:
        assert request.customer_ref in " ".join(text for _, text in told)
        assert state(request)[0] == request.status


@pytest.mark.parametrize("action", ["cancel", "postpone"])
def test_who_is_left_alone_is_told_why(boss, row, action):
    left = [row(Status.COMPLETED), row(Status.CANCELLED)]
    told = said(boss.do(action, *left))
    assert sorted(told) == sorted(
        ("warning", f"Left alone, the request is {request.get_status_display()}: {request.customer_ref}")
        for request in left
    )


def test_one_that_fails_never_stops_the_rest(boss, leaver, veto):
    rows = [leaver(f"{name}@example.com") for name in ("jane", "john", "judy")]
    veto(rows[1])
    told = said(boss.do("erase_now", *rows))
    erased = f"Erased: {rows[0].customer_ref}, {rows[2].customer_ref}"
    assert told == [("success", erased), ("error", f"Not erased: An order is on its way.: {rows[1].customer_ref}")]
    assert [state(request)[0] for request in rows] == [Status.COMPLETED, Status.FAILED, Status.COMPLETED]
    entry = LogEntry.objects.get(object_id=rows[1].pk)
    assert entry.change_message == "Tried to erase the account, and failed."
    event = AccountEvent.objects.get(customer_ref=rows[1].customer_ref, kind=EventKind.DELETION_HASTENED)
    assert event.detail == {"by": str(boss.user.pk)}


@pytest.mark.parametrize(
    ("error", "level", "text"),
    [
        (DeletionClosed(), "warning", "Left alone, closed meanwhile or being erased this moment"),
        (OperationalError("Key (email)=(jane@example.com)"), "error", "Failed unexpectedly, see the server's log"),
        (ValueError("over"), "error", "Failed unexpectedly, see the server's log"),
    ],
)
def test_what_comes_between_is_told_and_the_rest_is_done(boss, leaver, monkeypatch, caplog, error, level, text):
    rows = [leaver(f"{name}@example.com") for name in ("jane", "john", "judy")]
    cancel = desk.cancel

    def stumbling(request, *, by):
        if request == rows[0]:
            raise error
        return cancel(request, by=by)

    monkeypatch.setattr(desk, "cancel", stumbling)
    told = said(boss.do("cancel", *rows))
    cancelled = f"Cancelled, the account stays: {rows[1].customer_ref}, {rows[2].customer_ref}"
    assert told == [(level, f"{text}: {rows[0].customer_ref}"), ("success", cancelled)]
    assert [state(request)[0] for request in rows] == [Status.CONFIRMED, Status.CANCELLED, Status.CANCELLED]
    assert not LogEntry.objects.filter(object_id=rows[0].pk).exists()
    assert "jane@" not in caplog.text
    assert (rows[0].pk in caplog.text) == (level == "error")


def test_an_account_that_a_worker_holds_is_left_to_it(boss, leaver, monkeypatch):
    request = leaver()
    monkeypatch.setattr(desk, "erase_now", lambda request, by: Tally())
    [(level, text)] = said(boss.do("erase_now", request))
    assert level == "warning"
    assert text.startswith("Somebody else is at it this moment")


def test_a_request_that_leaves_the_filter_meanwhile_is_not_forgotten(boss, failed):
    request = failed()
    assert request.customer_ref in boss.ask("cancel", request, query="?status__exact=confirmed").rendered_content
    boss.do("cancel", request, query="?status__exact=confirmed")
    assert state(request)[0] == Status.CANCELLED


def test_all_that_a_filter_finds_can_be_chosen(boss, row):
    rows = [row(), row(), row(Status.FAILED)]
    asked = boss.ask("cancel", rows[0], query="?status__exact=confirmed", select_across="1", index="0")
    assert {line.row for line in asked.context["table"].lines} == set(rows[:2])


def test_too_many_at_once_are_refused(boss, row, monkeypatch):
    monkeypatch.setattr(confirmation, "MAX_SELECTED", 2)
    rows = [row() for _ in range(3)]
    refused = [("error", "At most 2 rows at once. Nothing has been done.")]
    assert said(boss.ask("erase_now", *rows)) == said(boss.do("erase_now", *rows)) == refused
    assert {state(request)[0] for request in rows} == {Status.CONFIRMED}


def test_as_many_as_are_allowed_fit_into_one_form(boss, row, monkeypatch):
    monkeypatch.setattr(desk, "erase_now", lambda request, by: Tally(erased=1))
    rows = [row() for _ in range(confirmation.MAX_SELECTED)]
    [(level, text)] = said(boss.do("erase_now", *rows))
    assert level == "success"
    assert text.endswith(f" and {len(rows) - 10} more")


def test_a_long_result_is_told_short(boss, row):
    rows = [row(Status.COMPLETED) for _ in range(12)]
    [(_, text)] = said(boss.do("cancel", *rows))
    assert text.count("cus_") == 10
    assert text.endswith(" and 2 more")


def test_after_a_cancellation_the_customer_can_log_in(boss, leaver, api):
    boss.do("cancel", leaver())
    login = api.post("/auth/customer/emailpass", {"email": "jane@example.com", "password": PASSWORD})
    assert login.status_code == 200
    assert "Your account will not be deleted." in messages_to("jane@example.com")[0]
