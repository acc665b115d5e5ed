"""The project's HANDLER and receivers of ``account_about_to_be_erased``: they erase its own data, decide, or refuse."""

import sys
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError

from customer_registration.enums import ErasureStrategy, EventKind
from customer_registration.exceptions import ErasureVetoed
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer
from customer_registration.signals import account_about_to_be_erased
from tests.deletion.due import due, everybody_due, is_emptied, statuses

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


@pytest.fixture
def handler(configure, monkeypatch):
    """Make a function the project's handler, and return the ids of the customers that it was asked about."""

    def name(act):
        asked = []

        def handle(customer, request):
            asked.append(customer.pk)
            return act(customer, request)

        monkeypatch.setattr(sys.modules[__name__], "handle", handle, raising=False)
        configure(ACCOUNT_DELETION_REQUEST={"HANDLER": f"{__name__}.handle"})
        return asked

    return name


@pytest.fixture
def receive():
    """Connect a receiver of ``account_about_to_be_erased``."""
    connected = []

    def connect(act):
        def receiver(customer, request, **_):
            act(customer, request)

        account_about_to_be_erased.connect(receiver, weak=False)
        connected.append(receiver)

    yield connect
    for receiver in connected:
        account_about_to_be_erased.disconnect(receiver)


def raising(error):
    """Return an act that raises for the second of the people, and does nothing for the others."""

    def act(customer, request):
        if customer.first_name == "Person1":
            raise error

    return act


def stored(request):
    return AccountDeletionRequest.objects.get(pk=request.pk)


def test_the_handler_is_given_the_customer_and_the_request_as_they_were(handler):
    seen = []
    request = due(phone="+12025550123")
    handler(lambda customer, request: seen.append((customer.email, customer.user.pk, request.pk, request.reason)))
    assert Run().work().erased == 1
    assert seen == [("jane@example.com", request.customer.user_id, request.pk, "They know why.")]
    assert is_emptied(request)


def test_every_account_is_asked_about_once(handler):
    asked = handler(lambda customer, request: None)
    requests = everybody_due(5)
    Run(batch_size=2).work()
    assert asked == [request.customer_ref for request in requests]


@pytest.mark.parametrize("size", [1, 2, 500])
def test_a_handler_that_raises_keeps_one_account_and_the_rest_is_erased(handler, size):
    asked = handler(raising(RuntimeError("The CRM is down.")))
    first, second, third = everybody_due(3)
    tally = Run(batch_size=size).work()
    assert (tally.erased, [each.reason for each in tally.failures]) == (2, ["RuntimeError: The CRM is down."])
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]
    assert is_emptied(first)
    assert is_emptied(third)
    assert Customer.objects.get(pk=second.customer_ref).email == "person1@example.com"
    assert asked.count(second.customer_ref) == 1


def test_the_next_run_asks_again_and_the_same_run_does_not(handler):
    asked = handler(raising(RuntimeError("The CRM is down.")))
    _, second = everybody_due(2)
    Run(batch_size=1).work()
    assert asked.count(second.customer_ref) == 1
    Run().work()
    assert asked.count(second.customer_ref) == 2
    assert stored(second).tries == 2
    asked = handler(lambda customer, request: None)
    assert Run().work().erased == 1
    assert (asked, is_emptied(second)) == ([second.customer_ref], True)
    assert (stored(second).last_error, stored(second).tries) == ("", 2)


def test_a_failure_is_an_event_once_for_each_reason(handler):
    request = due("person1")
    for reason in ("No.", "No.", "Not yet.", "Not yet."):
        handler(raising(ErasureVetoed(reason)))
        Run().work()
    failed = AccountEvent.objects.filter(kind=EventKind.DELETION_FAILED, customer_ref=request.customer_ref)
    assert failed.count() == 2
    assert {event.contact for event in failed} == {""}
    assert (stored(request).last_error, stored(request).tries) == ("Not yet.", 4)


def test_a_veto_gives_its_reason_alone(handler):
    handler(raising(ErasureVetoed("An invoice is open.")))
    request = due("person1")
    Run().work()
    assert (stored(request).status, stored(request).last_error) == ("failed", "An invoice is open.")
    assert stored(request).is_open


def test_a_receiver_may_veto_too(receive):
    receive(raising(ErasureVetoed("An invoice is open.")))
    requests = everybody_due(3)
    Run().work()
    assert statuses(requests) == ["completed", "failed", "completed"]
    assert stored(requests[1]).last_error == "An invoice is open."


def test_receivers_come_before_the_handler_which_is_not_asked_after_a_veto(receive, handler):
    receive(raising(ErasureVetoed("No.")))
    asked = handler(lambda customer, request: None)
    first, second = everybody_due(2)
    Run().work()
    assert asked == [first.customer_ref]
    assert statuses([second]) == ["failed"]


@pytest.mark.parametrize("junk", ["shred", 7, True, {"strategy": "delete"}])
def test_a_handler_that_returns_what_is_no_strategy_fails(handler, junk):
    handler(lambda customer, request: junk)
    request = due()
    assert Run().work().erased == 0
    assert stored(request).last_error.startswith("ValueError: ")
    assert Customer.objects.get().email == "jane@example.com"


@pytest.mark.parametrize("answer", [None, ""])
def test_a_handler_that_says_nothing_leaves_the_choice_to_the_settings(handler, answer):
    handler(lambda customer, request: answer)
    request = due()
    Run().work()
    assert stored(request).strategy == "anonymize"


@pytest.mark.parametrize("said", ["delete", ErasureStrategy.DELETE])
def test_a_handler_may_delete_where_the_settings_anonymize(handler, said):
    handler(lambda customer, request: said if customer.first_name == "Person0" else None)
    first, second = everybody_due(2)
    assert Run().work().erased == 2
    assert not Customer.objects.filter(pk=first.customer_ref).exists()
    assert not get_user_model().objects.filter(pk=first.customer.user_id).exists()
    assert is_emptied(second)
    assert (stored(first).strategy, stored(second).strategy) == ("delete", "anonymize")


def test_a_handler_may_anonymize_where_the_settings_or_the_command_delete(handler):
    handler(lambda customer, request: "anonymize")
    request = due()
    assert Run(strategy=ErasureStrategy.DELETE).work().erased == 1
    assert is_emptied(request)
    assert stored(request).strategy == "anonymize"


def test_what_a_handler_wrote_before_it_raised_is_taken_back_for_that_account_only(handler):
    def act(customer, request):
        Group.objects.create(name=customer.pk)
        raising(RuntimeError("Too late."))(customer, request)

    handler(act)
    first, second, third = everybody_due(3)
    Run().work()
    assert set(Group.objects.values_list("name", flat=True)) == {first.customer_ref, third.customer_ref}
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]


def test_what_a_receiver_wrote_is_taken_back_if_the_handler_raises(handler, receive):
    receive(lambda customer, request: Group.objects.create(name=customer.pk))
    handler(raising(RuntimeError("Too late.")))
    first, _ = everybody_due(2)
    Run().work()
    assert list(Group.objects.values_list("name", flat=True)) == [first.customer_ref]


def test_a_handler_whose_own_statement_fails_says_nothing_of_the_row(handler):
    def act(customer, request):
        if customer.first_name == "Person1":
            Group.objects.create(name="taken")

    Group.objects.create(name="taken")
    handler(act)
    first, second, third = everybody_due(3)
    Run().work()
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]
    assert stored(second).last_error == "IntegrityError of the database"


def test_a_handler_that_swallows_an_error_of_the_database_harms_no_other_account(handler):
    def act(customer, request):
        if customer.first_name == "Person1":
            try:
                Group.objects.create(name="taken")
            except IntegrityError:
                return

    Group.objects.create(name="taken")
    handler(act)
    first, second, third = everybody_due(3)
    Run().work()
    assert statuses([first, third]) == ["completed", "completed"]
    assert "taken" not in stored(second).last_error


@pytest.mark.parametrize("gone", ["customer", "user"])
def test_a_handler_may_delete_the_account_itself(handler, gone):
    handler(lambda customer, request: {"customer": customer, "user": customer.user}[gone].delete() and None)
    first, second = everybody_due(2)
    assert Run().work().erased == 2
    assert statuses([first, second]) == ["completed", "completed"]
    assert not Customer.objects.exists()


@pytest.mark.parametrize("spelt", ["{}", "<{}>", "to:{}!"])
def test_no_contact_stays_in_a_reason(handler, spelt):
    def act(customer, request):
        raise RuntimeError(f"{spelt.format(customer.email)} and {spelt.format(customer.phone)} are unknown")

    handler(act)
    request = due(phone="+12025550123")
    Run().work()
    said = stored(request).last_error
    assert said.startswith("RuntimeError: ")
    assert said.endswith("are unknown")
    assert "jane@" not in said
    assert "2025550123" not in said


@pytest.mark.parametrize("spell", [str.upper, str.title, lambda contact: quote(contact, safe="")])
def test_no_contact_stays_in_a_reason_however_it_is_spelt(handler, spell):
    def act(customer, request):
        raise RuntimeError(f"404 for https://crm.example/?q={spell(customer.email)}&p={spell(customer.phone)}")

    handler(act)
    request = due(phone="+12025550123")
    Run().work()
    said = stored(request).last_error.lower()
    assert "404 for https://crm.example/" in said
    assert "jane" not in said
    assert "2025550123" not in said


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "x" * 5000])
def test_a_reason_that_no_column_holds_is_one_all_the_same(handler, text):
    handler(raising(RuntimeError(text)))
    first, second, third = everybody_due(3)
    assert Run().work().erased == 2
    assert statuses([first, second, third]) == ["completed", "failed", "completed"]
    assert stored(second).last_error.startswith("RuntimeError: ")


def test_a_handler_that_cannot_be_imported_keeps_every_account(configure):
    configure(ACCOUNT_DELETION_REQUEST={"HANDLER": "nowhere.at_all"})
    requests = everybody_due(2)
    assert Run().work().erased == 0
    assert statuses(requests) == ["failed", "failed"]


def test_the_log_names_the_account_and_the_reason_without_a_contact(handler, caplog):
    handler(lambda customer, request: SimpleNamespace().missing if customer.email else None)
    request = due()
    Run().work()
    assert request.customer_ref in caplog.text
    assert "AttributeError" in caplog.text
    assert "jane" not in caplog.text
