"""The executor: each account that is due is erased once, in batches, and what cannot be erased stops nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DataError, connection
from django.utils import timezone

from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.flows.deletion.executor import STAFF, Run
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer
from customer_registration.signals import account_erased
from tests.deletion.due import due, everybody_due, is_emptied, make_staff, statuses

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def erasures():
    return list(AccountEvent.objects.filter(kind=EventKind.ACCOUNT_ERASED).values_list("customer_ref", flat=True))


def test_an_account_is_erased_when_its_time_has_come_and_not_before(leaving, api, django_capture_on_commit_callbacks):
    person = leaving()
    due_at = person.request.due_at
    with time_machine.travel(due_at - timedelta(seconds=1), tick=False):
        assert Run().work().total == 0
        assert person.row.email == "jane@example.com"
    with time_machine.travel(due_at, tick=False), django_capture_on_commit_callbacks(execute=True):
        assert Run().work().erased == 1
    assert is_emptied(person.request)
    request = person.request
    assert (request.status, request.completed_at, request.strategy) == ("completed", due_at, "anonymize")


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_every_account_is_erased_once_whatever_the_batch(size):
    requests = everybody_due(5)
    batches = []
    tally = Run(batch_size=size, tell=lambda batch: batches.append(batch.total)).work()
    assert (tally.erased, tally.failures) == (5, [])
    assert max(batches) <= size
    assert sum(batches) == 5
    assert statuses(requests) == ["completed"] * 5
    assert all(map(is_emptied, requests))
    assert sorted(erasures()) == sorted(request.customer_ref for request in requests)


def test_a_second_run_finds_nothing():
    everybody_due(2)
    assert Run().work().erased == 2
    assert Run().work().total == 0
    assert len(erasures()) == 2


def test_a_limit_takes_those_that_have_waited_longest():
    requests = everybody_due(4)
    assert Run(limit=3, batch_size=2).work().erased == 3
    assert statuses(requests) == ["completed", "completed", "completed", "confirmed"]


def test_what_becomes_due_during_a_run_waits_for_the_next():
    run = Run()
    late = due("late", days=-1 / 86400)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert run.work().total == 0
        assert Run().work().erased == 1
    assert statuses([late]) == ["completed"]


def test_a_run_for_one_customer_leaves_the_others():
    first, second = everybody_due(2)
    assert Run(customer_id=second.customer_ref).work().erased == 1
    assert statuses([first, second]) == ["confirmed", "completed"]


@pytest.mark.parametrize("status", ["pending", "cancelled", "completed"])
def test_only_who_confirmed_is_erased(status):
    request = due()
    AccountDeletionRequest.objects.filter(pk=request.pk).update(status=status, due_at=None)
    assert Run().work().total == 0
    assert Customer.objects.get().email == "jane@example.com"


def test_an_account_stays_while_its_user_is_staff_and_the_others_go():
    first, second, third = everybody_due(3)
    make_staff(second.customer)
    tally = Run().work()
    assert (tally.erased, [failure.reason for failure in tally.failures]) == (2, [STAFF])
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]
    assert Customer.objects.get(pk=second.customer_ref).email == "person1@example.com"
    second.refresh_from_db()
    assert (second.last_error, second.tries, second.active_customer_id) == (STAFF, 1, second.customer_ref)


def test_a_reason_that_cannot_be_written_down_gives_way_to_its_class_and_keeps_no_other_account():
    first, second, third = everybody_due(3)
    make_staff(first.customer)
    make_staff(second.customer)

    def full(execute, sql, parameters, many, context):
        if STAFF in (parameters or ()) and second.pk in parameters and sql.startswith("UPDATE"):
            raise DataError("value too long")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(full):
        tally = Run().work()
    assert (tally.erased, len(tally.failures)) == (1, 2)
    assert statuses([first, second, third]) == ["failed", "failed", "completed"]
    for request, reason in ((first, STAFF), (second, "DataError")):
        request.refresh_from_db()
        assert (request.last_error, request.tries) == (reason, 1)
    assert AccountEvent.objects.filter(kind=EventKind.DELETION_FAILED).count() == 2


def test_an_account_may_fail_more_often_than_a_small_number_counts():
    request = due()
    make_staff(request.customer)
    AccountDeletionRequest.objects.update(tries=32767)
    Run().work()
    request.refresh_from_db()
    assert (request.status, request.tries) == ("failed", 32768)


def test_a_superuser_is_staff_too():
    request = due()
    request.customer.user.is_superuser = True
    request.customer.user.save()
    assert Run().work().erased == 0
    assert statuses([request]) == ["failed"]


def test_an_account_that_failed_is_erased_once_nothing_is_in_the_way():
    request = due()
    make_staff(request.customer)
    assert Run().work().erased == 0
    type(request.customer.user).objects.update(is_staff=False)
    assert Run().work().erased == 1
    request.refresh_from_db()
    assert (request.status, request.last_error, request.tries) == ("completed", "", 1)


@pytest.mark.parametrize("strategy", ["anonymize", "delete"])
def test_a_customer_who_is_gone_already_counts_as_erased(configure, strategy):
    configure(ACCOUNT_DELETION_REQUEST={"STRATEGY": strategy})
    gone, _ = everybody_due(2)
    gone.customer.user.delete()
    assert not Customer.objects.filter(pk=gone.customer_ref).exists()
    assert Run().work().erased == 2
    gone.refresh_from_db()
    assert (gone.status, gone.reason, gone.ip, gone.user_agent) == ("completed", "", "", "")
    assert gone.active_customer_id is None


@pytest.mark.parametrize(("strategy", "left"), [("anonymize", 1), ("delete", 0)])
def test_a_customer_without_a_user_is_erased(configure, strategy, left):
    configure(ACCOUNT_DELETION_REQUEST={"STRATEGY": strategy})
    request = due()
    user = request.customer.user
    Customer.objects.update(user=None)
    user.delete()
    assert Run().work().erased == 1
    assert Customer.objects.filter(email=None, first_name=None).count() == left
    assert Customer.objects.count() == left


def test_reason_address_and_browser_of_every_request_are_cleared():
    request = due()
    older = AccountDeletionRequest.objects.create(
        customer=request.customer,
        customer_ref=request.customer_ref,
        status="cancelled",
        reason="A first try",
        last_error="The warehouse of jane@example.com did not answer.",
        ip="192.0.2.8",
        user_agent="Another browser",
    )
    stranger = due("stranger", days=-1)
    Run().work()
    for each in (request, older):
        each.refresh_from_db()
        assert (each.reason, each.ip, each.user_agent, each.last_error) == ("", "", "", "")
    assert older.status == "cancelled"
    stranger.refresh_from_db()
    assert (stranger.reason, stranger.ip, stranger.user_agent) == ("They know why.", "192.0.2.7", "A browser")


def test_the_completed_request_is_closed_and_can_still_be_found():
    request = due()
    hashes = request.identifiers_hash
    Run().work()
    request.refresh_from_db()
    assert not request.is_open
    assert (request.due_at, request.reminder_at, request.identifiers_hash) == (None, None, hashes)
    assert request.completed_at >= request.scheduled_at


def test_account_erased_is_sent_for_each_account_once_it_is_committed(hear, django_capture_on_commit_callbacks):
    heard, requests = hear(account_erased), everybody_due(3)
    with django_capture_on_commit_callbacks(execute=True):
        Run(batch_size=2).work()
        assert heard == []
    assert [(each["customer_id"], each["request_id"]) for each in heard] == [
        (request.customer_ref, request.pk) for request in requests
    ]


def test_account_erased_is_not_sent_for_an_account_that_stays(hear, django_capture_on_commit_callbacks):
    heard = hear(account_erased)
    make_staff(due().customer)
    with django_capture_on_commit_callbacks(execute=True):
        Run().work()
    assert heard == []


def test_where_nobody_listens_nothing_waits_for_the_commit(django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(account_erased, "receivers", [])  # the example project counts them for Prometheus
    everybody_due(3)
    with django_capture_on_commit_callbacks() as waiting:
        Run().work()
    assert waiting == []


def test_the_audit_trail_of_the_erased_says_what_happened_and_nothing_else():
    request = due()
    AccountEvent.of(EventKind.CONTACT_VERIFIED, request.customer, contact=IdentifierKind.EMAIL, ip="192.0.2.7").save()
    AccountEvent.objects.update(customer=None)  # it is the id that it is found by
    Run().work()
    trail = AccountEvent.objects.filter(customer_ref=request.customer_ref).order_by("pk")
    assert list(trail.values_list("kind", "contact", "detail")) == [
        (EventKind.CONTACT_VERIFIED, "", {}),
        (EventKind.ACCOUNT_ERASED, "", {"strategy": "anonymize"}),
    ]


def test_the_statements_of_a_batch_do_not_grow_with_its_accounts(counted):
    everybody_due(2)
    with counted() as few:
        assert Run().work().erased == 2
    everybody_due(10)
    with counted() as many:
        assert Run().work().erased == 10
    assert len(many.statements) == len(few.statements)
