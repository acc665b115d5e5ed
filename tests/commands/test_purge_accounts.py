"""manage.py purge_accounts: its options, what it says while it works, its summary and its exit status."""

import io
import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from customer_registration import tasks
from customer_registration.beat import SCHEDULE
from customer_registration.enums import ErasureStrategy
from customer_registration.management.commands.purge_accounts import SHOWN_FAILURES
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OutboxMessage
from tests.deletion.due import customer_named, due, everybody_due, is_emptied, make_staff, purge, statuses

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


class Terminal(io.StringIO):
    """What looks like a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Return what the command draws on when it runs on a terminal, and a way to run it there."""
    screen, out = Terminal(), io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    call_command("purge_accounts", "--batch-size", "1", stdout=out, stderr=screen)
    return screen.getvalue(), out.getvalue()


@pytest.fixture
def five():
    return everybody_due(5)


def failing(*arguments):
    """Run the command, which fails, and return what it wrote and why it failed."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("purge_accounts", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue(), failure.value


def test_it_erases_what_is_due_and_sums_up(five):
    said = purge()
    assert said.splitlines()[-1].startswith("5 erased, 0 failed in ")
    assert statuses(five) == ["completed"] * 5
    assert all(map(is_emptied, five))


def test_with_nothing_due_it_says_so():
    customer_named("jane")
    assert re.fullmatch(r"0 erased, 0 failed in [0-9.]+ s\.\n", purge())
    assert Customer.objects.get().email == "jane@example.com"


@pytest.mark.parametrize("size", ["1", "2", "1000"])
def test_off_a_terminal_it_writes_a_line_for_each_batch(five, size):
    lines = purge("--batch-size", size).splitlines()
    steps = [*range(int(size), 5, int(size)), 5]
    assert lines[:-1] == [f"{step} of 5" for step in steps]


def test_on_a_terminal_it_draws_a_bar(five, terminal):
    screen, out = terminal
    assert "5/5" in screen
    assert "accounts" in screen
    assert len(out.splitlines()) == 1
    assert statuses(five) == ["completed"] * 5


@pytest.fixture
def without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)


def test_without_tqdm_it_writes_lines_on_a_terminal_too(five, without_tqdm, terminal):
    screen, out = terminal
    assert screen == ""
    assert out.splitlines()[:-1] == [f"{step} of 5" for step in range(1, 6)]


def test_a_limit_takes_those_that_have_waited_longest(five):
    lines = purge("--limit", "3", "--batch-size", "2").splitlines()
    assert lines[:-1] == ["2 of 3", "3 of 3"]
    assert statuses(five) == ["completed"] * 3 + ["confirmed"] * 2


def test_a_limit_beyond_what_is_due_is_none(five):
    assert purge("--limit", "50").splitlines()[0] == "5 of 5"


@pytest.mark.parametrize("option", ["--batch-size", "--limit", "--workers"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "٣"])
def test_numbers_are_whole_and_at_least_one(option, value):
    with pytest.raises(CommandError, match="is not a whole number of at least 1"):
        purge(f"{option}={value}")


def test_a_strategy_stands_in_for_the_settings(five):
    purge("--strategy", "delete", "--limit", "2")
    assert Customer.objects.count() == 3
    assert AccountDeletionRequest.objects.filter(status="completed", strategy="delete").count() == 2
    with pytest.raises(CommandError, match="invalid choice: 'shred'"):
        purge("--strategy", "shred")


def test_the_settings_choose_the_strategy(five, configure):
    configure(ACCOUNT_DELETION_REQUEST={"STRATEGY": "delete"})
    purge()
    assert not Customer.objects.exists()


def test_what_failed_is_listed_and_the_exit_status_is_not_zero(five):
    make_staff(five[1].customer)
    out, err, failure = failing()
    assert out.splitlines()[-1].startswith("4 erased, 1 failed in ")
    assert err == f"{five[1].customer_ref}: The user is staff by now.\n"
    assert str(failure) == "1 account stays; the next run tries again."
    assert failure.returncode == 1
    assert statuses(five) == ["completed", "failed", "completed", "completed", "completed"]


def test_of_many_failures_the_first_are_listed():
    for request in everybody_due(SHOWN_FAILURES + 3):
        make_staff(request.customer)
    lines = failing()[1].splitlines()
    assert len(lines) == SHOWN_FAILURES + 1
    assert lines[-1] == "... and 3 more"


def test_the_process_ends_with_status_one(tmp_path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "example_project.settings"}
    environment |= {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3", "SECRET_KEY": "k" * 50}
    for arguments, status, said in (
        (["migrate", "--verbosity=0"], 0, b""),
        (["purge_accounts"], 0, b"0 erased, 0 failed"),
        (["purge_accounts", "--customer", "cus_nobody"], 1, b"There is no customer cus_nobody."),
    ):
        ran = subprocess.run([sys.executable, "manage.py", *arguments], capture_output=True, env=environment)
        assert (ran.returncode, said in ran.stdout + ran.stderr) == (status, True), ran


def test_one_customer_alone(five):
    assert purge("--customer", five[3].customer_ref).splitlines()[0] == "1 of 1"
    assert statuses(five) == ["confirmed", "confirmed", "confirmed", "completed", "confirmed"]


def test_a_customer_whose_row_is_gone_is_completed():
    request = due()
    request.customer.user.delete()
    assert "1 erased, 0 failed" in purge("--customer", request.customer_ref)
    assert statuses([request]) == ["completed"]


def test_one_customer_who_cannot_be_erased_now():
    with pytest.raises(CommandError, match=r"^There is no customer cus_nobody\.$"):
        purge("--customer", "cus_nobody")
    stranger = customer_named("stranger")
    with pytest.raises(CommandError, match=rf"^{stranger.pk} has no open deletion request\.$"):
        purge("--customer", stranger.pk)
    request = due("later", days=-2)
    with pytest.raises(CommandError, match=rf"^The account of {request.customer_ref} is not due before ") as failure:
        purge("--customer", request.customer_ref)
    assert request.scheduled_at.isoformat() in str(failure.value)
    AccountDeletionRequest.objects.update(status="pending", scheduled_at=None, due_at=None)
    with pytest.raises(CommandError, match=rf"^The deletion request of {request.customer_ref} has not been confirmed"):
        purge("--customer", request.customer_ref)
    assert Customer.objects.filter(email__isnull=False).count() == 2


@pytest.mark.parametrize("arguments", [[], ["--dry-run"]])
def test_somebody_who_was_erased_before_has_no_open_request(arguments):
    request = due()
    purge()
    with pytest.raises(CommandError, match="has no open deletion request"):
        purge("--customer", request.customer_ref, *arguments)


def remind(request):
    AccountDeletionRequest.objects.filter(pk=request.pk).update(reminder_at=timezone.now() - timedelta(minutes=1))


def test_reminders_go_out_by_the_command_too():
    request = due("later", days=-0.5)
    remind(request)
    assert purge().splitlines()[0] == "1 reminded of a deletion that is near."
    reminder = OutboxMessage.objects.get(kind="account_deletion_reminder")
    assert (reminder.destination, reminder.customer_id) == ("later@example.com", request.customer_ref)
    assert "reminded" not in purge()


@pytest.mark.parametrize("arguments", [["--dry-run"], ["--customer"]])
def test_a_dry_run_and_a_run_for_one_customer_remind_nobody(arguments):
    remind(due("later", days=-0.5))
    purge(*arguments, *([due().customer_ref] if "--customer" in arguments else []))
    assert not OutboxMessage.objects.filter(kind="account_deletion_reminder").exists()


def test_the_task_reminds_and_erases():
    later, gone = due("later", days=-0.5), due()
    remind(later)
    tasks.run_due_deletions()
    assert statuses([later, gone]) == ["confirmed", "completed"]
    assert OutboxMessage.objects.filter(kind="account_deletion_reminder").count() == 1


@pytest.mark.parametrize("name", ["run_due_deletions", "purge_expired"])
def test_beat_runs_the_tasks(name):
    entry = SCHEDULE[f"customer_registration.{name}"]
    assert entry["task"] == getattr(tasks, name).name
    assert entry["schedule"] > 0


@pytest.fixture
def shared_database():
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share SQLite's :memory:; set TEST_DATABASE_URL to a PostgreSQL or MariaDB")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("workers", "limit"), [(2, None), (3, 7), (8, 5), (2, 50)])
@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_workers_share_the_accounts(shared_database, workers, limit, strategy):
    requests = everybody_due(12)
    limits = ["--limit", str(limit)] if limit else []
    said = purge("--workers", str(workers), "--batch-size", "2", "--strategy", strategy, *limits)
    erased = min(limit or 12, 12)
    assert f"{erased} erased, 0 failed" in said
    assert statuses(requests).count("completed") == erased
    events = AccountEvent.objects.filter(kind="account_erased").values_list("customer_ref", flat=True)
    assert len(set(events)) == len(events) == erased


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_tell_of_every_failure(shared_database):
    requests = everybody_due(6)
    for request in requests[:2]:
        make_staff(request.customer)
    out, err, _ = failing("--workers", "3", "--batch-size", "1")
    assert "4 erased, 2 failed" in out
    assert sorted(line[:30] for line in err.splitlines()) == sorted(each.customer_ref for each in requests[:2])
