"""Leaving, staying and being erased at the same moment: one of them wins, and no account is half-erased."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.enums import ErasureStrategy
from customer_registration.exceptions import DeletionClosed
from customer_registration.flows import housekeeping
from customer_registration.flows.deletion import cancellation, desk, erasure, executor, reminders
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification, OutboxMessage
from customer_registration.models import account_deletion_request as requests
from tests.conftest import last_code
from tests.races.at_once import THREADS, above_read_committed, at_once, post, statuses
from tests.races.departures import departures, fate_of

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]

BASE = "/store/customers/account-deletion"
LEAVERS = 12


@pytest.fixture
def patient(monkeypatch):
    """Let a run lose as many races as the database likes to give."""
    monkeypatch.setattr(executor, "_PATIENCE", 1000)
    monkeypatch.setattr(executor, "_PAUSE_SECONDS", 0.01)


def proofs_to_stay(api, ids):
    """Ask for a code to keep each account; return what confirms it."""
    proofs = []
    for number, _ in enumerate(ids):
        email = f"leaver{number}@example.com"
        flow = api.post(f"{BASE}/cancel-request", {"email": email}).json()["token"]
        proofs.append({"token": flow, "code": last_code(email)})
    return proofs


@pytest.mark.usefixtures("patient")
def test_e16_of_a_cancellation_and_a_purge_exactly_one_wins(api):
    ids = departures(LEAVERS)
    stays = [post(f"{BASE}/cancel-confirm", proof) for proof in proofs_to_stay(api, ids)]
    *answers, first, second = at_once(*stays, *[Run(batch_size=2).work] * 2)
    fates = [fate_of(customer_id) for customer_id in ids]
    assert [answer.status_code == 200 for answer in answers] == [fate == "kept" for fate in fates]
    assert {answer.status_code for answer in answers} <= {200, 400, 429}  # 429: the erasure held the row
    assert first.erased + second.erased == fates.count("erased")
    stayed = {customer_id for customer_id, fate in zip(ids, fates, strict=True) if fate == "kept"}
    back = Customer.objects.filter(deletion_scheduled_at=None, email__isnull=False)
    assert set(back.values_list("pk", flat=True)) == stayed
    cancelled = AccountDeletionRequest.objects.filter(status="cancelled")
    assert set(cancelled.values_list("customer", flat=True)) == stayed
    assert OutboxMessage.objects.filter(kind="account_deletion_cancelled").count() == len(stayed)


def test_whoever_cancels_while_the_erasure_holds_the_row_is_too_late_and_waits_for_nothing(api, between):
    [customer_id] = departures(1)
    [proof] = proofs_to_stay(api, [customer_id])
    answers = []
    between(erasure, "forget_traces", lambda: answers.append(post(f"{BASE}/cancel-confirm", proof)()))
    assert Run().work().erased == 1
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(429, "1")]
    assert fate_of(customer_id) == "erased"
    assert post(f"{BASE}/cancel-confirm", proof)().status_code == 400


def test_whoever_purges_while_a_cancellation_holds_the_row_passes_it_by(api, between):
    [customer_id] = departures(1)
    [proof] = proofs_to_stay(api, [customer_id])
    tallies = []
    between(cancellation.messages, "cancelled", lambda: tallies.append(Run().work()))
    assert post(f"{BASE}/cancel-confirm", proof)().status_code == 200
    assert [tally.total for tally in tallies] == [0]
    assert fate_of(customer_id) == "kept"


@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_a_code_that_is_asked_for_while_the_account_is_erased_brings_nothing_back(between, strategy):
    departures(1)
    between(cancellation, "_held", lambda: Run(strategy=strategy).work())
    answer = post(f"{BASE}/cancel-request", {"email": "leaver0@example.com"})()
    assert answer.status_code == 200
    assert not OutboxMessage.objects.filter(kind="account_deletion_cancel").exclude(destination="").exists()
    assert not OtpVerification.objects.exclude(destination="").exists()


@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_what_a_reset_link_for_an_account_that_is_erased_meanwhile_leaves_is_cleared_away(between, strategy):
    departures(1)
    between(ratelimits, "hit_all", lambda: Run(strategy=strategy).work())
    asked = {"identifier": "leaver0@example.com"}
    assert post("/auth/customer/emailpass/reset-password", asked)().status_code == 201
    housekeeping.purge()
    links = OutboxMessage.objects.filter(kind="password_reset")
    assert not links.exclude(destination="").exists()
    assert not OtpVerification.objects.exclude(destination="").exists()


def test_an_account_whose_owner_asks_for_a_code_this_moment_is_left_to_the_next_run(between):
    [customer_id] = departures(1)
    tallies = []
    between(ratelimits, "hit_all", lambda: tallies.append(Run().work()))
    assert post(f"{BASE}/cancel-request", {"email": "leaver0@example.com"})().status_code == 200
    assert [tally.total for tally in tallies] == [0]
    assert Run().work().erased == 1
    assert fate_of(customer_id) == "erased"


@pytest.mark.usefixtures("patient")
def test_e16_two_workers_and_the_command_erase_each_account_once(capsys):
    ids = departures(2 * LEAVERS)
    command = partial(call_command, "purge_accounts", "--batch-size", "3", "--workers", "2")
    first, second, _ = at_once(Run(batch_size=2).work, Run(batch_size=5).work, command)
    assert [fate_of(customer_id) for customer_id in ids] == ["erased"] * len(ids)
    said = capsys.readouterr().out
    by_command = int(said[: said.index(" erased")].split()[-1])
    assert first.erased + second.erased + by_command == len(ids)
    assert OutboxMessage.objects.filter(kind="account_erased").count() == len(ids)


@pytest.mark.usefixtures("read_committed")
def test_requests_that_are_claimed_without_a_lock_are_erased_twice(meeting, monkeypatch):
    def unlocked(rows):
        found = list(rows)
        meeting()
        return found

    monkeypatch.setattr(requests, "locked", unlocked)
    [customer_id] = departures(1)
    at_once(*[Run().work] * 2)
    assert AccountEvent.objects.filter(customer_ref=customer_id, kind="account_erased").count() > 1


def by_staff(customer_id, action, **options):
    """Return an act of staff on a customer's request; ``None`` if they come too late."""
    request = AccountDeletionRequest.objects.get(customer_ref=customer_id)
    boss = request.customer.user

    def act():
        with suppress(DeletionClosed):
            return action(request, by=boss, **options)

    return act


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("action", [desk.cancel, desk.postpone], ids=["cancel", "postpone"])
def test_of_staff_who_keep_an_account_and_a_purge_exactly_one_wins(action):
    ids = departures(LEAVERS)
    options = {"until": timezone.now() + timedelta(days=3)} if action is desk.postpone else {}
    *answers, _ = at_once(*(by_staff(customer_id, action, **options) for customer_id in ids), Run(batch_size=2).work)
    kept = [fate_of(customer_id) == "kept" for customer_id in ids]
    assert [answer is not None for answer in answers] == kept
    wanted = "confirmed" if options else "cancelled"
    assert AccountDeletionRequest.objects.filter(status=wanted).count() == kept.count(True)


@pytest.mark.usefixtures("read_committed")
def test_staff_who_cancel_without_a_lock_leave_an_account_half_erased(monkeypatch):
    class Read(list):
        def first(self):
            return self[0]

    def unlocked(rows):
        read = Read(rows)
        at_once(Run().work)
        return read

    [customer_id] = departures(1)
    act = by_staff(customer_id, desk.cancel)
    monkeypatch.setattr(cancellation, "locked", unlocked)
    act()
    with pytest.raises(AssertionError, match="half-erased"):
        fate_of(customer_id)


def test_a_deletion_confirmed_twenty_four_times_at_once_is_scheduled_once(api, verified):
    person, bearer = verified()
    flow = api.post(f"{BASE}/request", token=bearer).json()["token"]
    proof = {"token": flow, "code": last_code(person.email)}
    answers = at_once(*[post(f"{BASE}/confirm", proof)] * THREADS)
    assert statuses(answers) == [200] + [400] * (THREADS - 1)
    assert AccountEvent.objects.filter(kind="deletion_scheduled").count() == 1
    assert person.row.token_epoch == 1


def test_a_deletion_asked_for_twenty_four_times_at_once_is_one_request(configure, verified):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    person, bearer = verified()
    answers = at_once(*[post(f"{BASE}/request", {"reason": "twice"}, token=bearer)] * THREADS)
    clean = {200, 429, 503} if above_read_committed() else {200, 429}  # there a writer at a row of many may give up
    assert {answer.status_code for answer in answers} <= clean
    assert AccountDeletionRequest.objects.filter(customer=person.id, status="pending").count() == 1


def test_reminders_are_sent_once_by_however_many_workers():
    departures(LEAVERS)
    soon = timezone.now() + timedelta(hours=20)
    AccountDeletionRequest.objects.update(scheduled_at=soon, due_at=soon, reminder_at=timezone.now())
    at_once(*[reminders.send_due] * 6)
    assert OutboxMessage.objects.filter(kind="account_deletion_reminder").count() == LEAVERS
