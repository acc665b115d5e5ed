"""manage.py check_health and the health view: what would an operator see?"""

import io
import json
import socket
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client
from django.utils import timezone

from customer_registration import messaging
from customer_registration.enums import DeletionStatus, OutboxState, Outcome
from customer_registration.flows.insights import rollup
from customer_registration.flows.vitals import PROBLEMS, Thresholds
from customer_registration.management.commands.check_health import HELP
from customer_registration.models import AccountDeletionRequest, OutboxMessage
from tests.deletion.due import due

JANE = "jane@example.com"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.monitoring.urls")]


def look(path="/health", **headers):
    """Ask the view; return its status and what fails."""
    answer = Client().get(path, headers=headers)
    body = answer.json()
    assert (body["status"] == "ok") == (answer.status_code == 200)
    return answer.status_code, [name for name, check in body["checks"].items() if not check["ok"]]


def check(*arguments):
    """Run the command; return its lines and the error."""
    out = io.StringIO()
    error = ""
    try:
        call_command("check_health", *arguments, stdout=out)
    except CommandError as raised:
        error = str(raised)
    return out.getvalue().splitlines(), error


@pytest.fixture
def message(db):
    """Write a message that waits; return the row."""

    def write(**fields):
        now = timezone.now()
        values = {"kind": "password_changed", "channel": "email", "destination": JANE, "next_attempt_at": now, **fields}
        return OutboxMessage.objects.create(state=values.pop("state", OutboxState.QUEUED), **values)

    return write


def ago(**past):
    return timezone.now() - timedelta(**past)


def test_an_empty_shop_is_well():
    assert look() == (200, [])
    lines, error = check()
    assert error == ""
    assert lines[0] == "ok    database"
    assert lines[1] == "ok    limiter"
    assert lines[2] == "ok    outbox_late_seconds 0 (at most 300)"


def test_a_shop_at_work_is_well(message, verified):
    verified(JANE)
    message()
    message(next_attempt_at=timezone.now() + timedelta(hours=1), tries=2, last_error="OSError: busy")
    rollup.bring_up_to_date()
    assert look() == (200, [])


def test_a_message_that_nobody_delivers(message):
    message(next_attempt_at=ago(seconds=290))
    assert look() == (200, [])
    message(next_attempt_at=ago(seconds=310))
    assert look() == (503, ["outbox_late_seconds"])
    lines, error = check()
    assert lines[2].startswith(
        "FAILS outbox_late_seconds 310 (at most 300): a message has been due for 310 s: is a worker"
    )
    assert error == "Not well: outbox_late_seconds."
    assert check("--outbox-late-seconds", "400")[1] == ""


def test_what_was_sent_or_held_back_is_late_for_nothing(message):
    for state in (OutboxState.SENT, OutboxState.SUPPRESSED):
        message(state=state, next_attempt_at=ago(days=3), tries=5)
    assert look() == (200, [])


def test_a_row_that_kills_whoever_is_at_it(message, monkeypatch):
    """A worker that dies mid-send, each time: the row is claimed again after every lease, and says nothing of it."""

    def die(message, *, now):
        raise SystemExit

    row = message()
    monkeypatch.setattr("customer_registration.messaging.delivery.hand_over", die)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for turn in range(3):
            assert look() == (200, []), turn
            with suppress(SystemExit):
                messaging.deliver(row.pk)
            clock.shift(timedelta(minutes=2, seconds=1))
        assert look() == (503, ["outbox_broken_off"])


def test_a_provider_that_is_down(message):
    for _ in range(51):
        assert look() == (200, [])
        message(tries=3, last_error="SMTPConnectError: no", next_attempt_at=timezone.now() + timedelta(minutes=2))
    assert look() == (503, ["outbox_retried"])


def test_messages_that_came_too_late(message):
    """Codes older than their life are closed as they are claimed, which is what a long stop of the worker leaves."""
    late = {"state": OutboxState.FAILED, "outcome": Outcome.TOO_LATE}
    for _ in range(51):
        message(**late)
    message(**late, next_attempt_at=ago(hours=2))
    assert look() == (503, ["outbox_given_up"])
    assert "51 messages were given up within an hour" in check()[0][5]
    OutboxMessage.objects.update(next_attempt_at=ago(hours=2))
    assert look() == (200, [])


def test_erasures_that_nobody_carries_out():
    due(days=0.03)  # 43 minutes
    assert look() == (200, [])
    due("late", days=1)
    assert look() == (503, ["deletion_late_seconds"])


def test_an_erasure_that_fails():
    request = due()
    later = timezone.now() + timedelta(hours=1)
    AccountDeletionRequest.objects.filter(pk=request.pk).update(status=DeletionStatus.FAILED, due_at=later)
    assert look() == (503, ["deletions_failed"])
    assert check("--deletions-failed", "1")[1] == ""


def test_a_schedule_that_does_not_run_though_nothing_waits():
    rollup.bring_up_to_date()
    assert look() == (200, [])
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=5)):
        assert look() == (503, ["schedule_seconds"])
        assert "does beat or cron run?" in check()[0][-1]
        rollup.bring_up_to_date()
        assert look() == (200, [])


@pytest.mark.parametrize("error", [OperationalError, ProgrammingError, InterfaceError])
def test_a_database_that_is_down_is_said_without_its_words(error, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    def fail(execute, sql, parameters, many, context):
        raise error(f"server at 10.0.0.7 said {JANE}")

    with connection.execute_wrapper(fail):
        answer = Client().get("/health")
        lines, said = check()
    assert answer.status_code == 503
    failing = {"ok": False, "problem": f"the database failed: {error.__name__}"}
    assert answer.json() == {"status": "failing", "checks": {"database": failing, "limiter": {"ok": True}}}
    assert lines[0] == f"FAILS database: the database failed: {error.__name__}"
    assert said == "Not well: database."


def test_the_view_opens_no_transaction_of_a_host(monkeypatch):
    """With ATOMIC_REQUESTS Django would begin one first, and answer 500 where there is no database."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    begun = []
    monkeypatch.setattr("django.db.transaction.Atomic.__enter__", lambda self: begun.append(self))
    monkeypatch.setattr("django.db.transaction.Atomic.__exit__", lambda self, *_: None)
    assert look() == (200, [])
    assert begun == []


def test_a_limiter_that_is_down(configure):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    configure(RATE_LIMITS={"STORAGE_URI": f"redis://:secret-of-redis@127.0.0.1:{port}/0"})
    assert look() == (503, ["limiter"])
    assert "secret-of-redis" not in "".join(check()[0])


def test_it_costs_five_statements(message, django_assert_num_queries):
    message()
    with django_assert_num_queries(5):
        Client().get("/health")


def test_it_says_nothing_of_anybody(message, verified):
    person, _ = verified(JANE)
    message(next_attempt_at=ago(hours=1), last_error=f"no {JANE}")
    due("john")
    body = Client().get("/health").content.decode() + "".join(check()[0])
    assert not [part for part in ("jane", "john", person.id, "example.com") if part in body]


def test_a_token_keeps_others_out():
    for given in (None, "Bearer", "Bearer other", "Basic of-the-probe", "of-the-probe", "Bearer é"):
        answer = Client().get("/health-with-token", headers={"authorization": given} if given else {})
        assert (answer.status_code, answer.content) == (403, b"")
    assert look("/health-with-token", authorization="Bearer of-the-probe") == (200, [])


def test_thresholds_are_the_projects_to_choose(message):
    message(next_attempt_at=ago(hours=1))
    assert look("/health-with-token", authorization="Bearer of-the-probe")[0] == 200


def test_no_cache_keeps_it_and_nobody_posts():
    assert Client().get("/health").headers["cache-control"] == "no-store, private"
    assert Client().head("/health").status_code == 200
    assert Client().post("/health").status_code == 405
    assert json.loads(Client().get("/health").content)["status"] == "ok"


def test_every_threshold_has_its_problem_and_its_option():
    names = set(Thresholds.__dataclass_fields__)
    assert names == set(PROBLEMS) == set(HELP)
