"""manage.py export_customer: what is known of a person, as JSON, the project's own data included."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification, OutboxMessage
from customer_registration.signals import personal_data_requested
from tests.deletion.due import customer_named, due

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


@pytest.fixture
def add():
    """Connect a receiver of ``personal_data_requested`` that answers with what it is told to."""
    connected = []

    def connect(answer):
        def receiver(customer, **_):
            return answer(customer)

        personal_data_requested.connect(receiver, weak=False)
        connected.append(receiver)

    yield connect
    for receiver in connected:
        personal_data_requested.disconnect(receiver)


def export(customer_id):
    """Run the command, and read what it prints."""
    out = io.StringIO()
    call_command("export_customer", customer_id, stdout=out)
    return json.loads(out.getvalue(), parse_constant=pytest.fail)


def code_for(customer):
    """Save a live code for a customer and return it."""
    return OtpVerification.objects.create(
        purpose="email_change",
        channel="email",
        destination=customer.email,
        customer=customer,
        max_attempts=5,
        expires_at=customer.created_at + timedelta(minutes=15),
    )


def test_it_prints_the_customer_and_the_user():
    proven = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    profile = {"last_name": "Dōe", "company_name": "Acme", "metadata": {"likes": ["tea", None]}}
    customer = customer_named("jane", phone="+12025550123", email_verified_at=proven, **profile)
    data = export(customer.pk)
    shown = data["customer"]
    assert (shown["id"], shown["email"], shown["phone"]) == (customer.pk, "jane@example.com", "+12025550123")
    assert (shown["first_name"], shown["last_name"], shown["metadata"]) == ("Jane", "Dōe", {"likes": ["tea", None]})
    assert datetime.fromisoformat(shown["email_verified_at"]) == proven
    assert data["user"]["email"] == "jane@example.com"
    ours = ["codes", "second_factors", "recovery_codes", "events", "messages", "deletion_requests"]
    assert list(data) == ["customer", "user", *ours]


def test_it_prints_what_our_other_tables_hold_and_nobody_elses():
    request, stranger = due(), due("stranger")
    for each in (request.customer, stranger.customer):
        AccountEvent.of("customer_created", each, source=each.email).save()
        OutboxMessage.objects.create(kind="hello", channel="email", destination=each.email, customer=each)
        code_for(each)
    data = export(request.customer_ref)
    assert [event["detail"] for event in data["events"]] == [{"source": "jane@example.com"}]
    assert [message["destination"] for message in data["messages"]] == ["jane@example.com"]
    assert [code["destination"] for code in data["codes"]] == ["jane@example.com"]
    [shown] = data["deletion_requests"]
    assert (shown["reason"], shown["ip"], shown["user_agent"]) == ("They know why.", "192.0.2.7", "A browser")
    assert "stranger" not in json.dumps(data)


def test_it_is_ascii_whatever_the_name_so_that_every_terminal_takes_it():
    customer, out = customer_named("jane", first_name="Želmíra 🦘", company_name="a\u2028b"), io.StringIO()
    call_command("export_customer", customer.pk, stdout=out)
    assert out.getvalue().isascii()
    shown = json.loads(out.getvalue())["customer"]
    assert (shown["first_name"], shown["company_name"]) == ("Želmíra 🦘", "a\u2028b")


def test_no_secret_is_printed(leaving_nothing_out):
    customer, otp, printed = leaving_nothing_out
    for secret in (
        customer.user.password,
        otp.code(),
        otp.nonce.hex(),
        customer.deletion_requests.get().identifiers_hash,
    ):
        assert secret
        assert secret not in printed
    for name in ("password", "nonce", "token_epoch", "identifiers_hash"):
        assert f'"{name}"' not in printed


@pytest.fixture
def leaving_nothing_out():
    """Export somebody with a password, a live code and a deletion request."""
    customer = due().customer
    otp = code_for(customer)
    OutboxMessage.objects.create(kind="email_change", channel="email", customer=customer, otp=otp)
    out = io.StringIO()
    call_command("export_customer", customer.pk, stdout=out)
    return customer, otp, out.getvalue()


def test_a_receiver_adds_the_projects_own_data(add):
    add(lambda customer: ("orders", [{"number": 7, "of": customer.email}]))
    add(lambda customer: ("reviews", {"stars": 5}))
    add(lambda customer: None)
    data = export(customer_named("jane").pk)
    assert (data["orders"], data["reviews"]) == ([{"number": 7, "of": "jane@example.com"}], {"stars": 5})


def test_a_receiver_may_add_what_django_writes_as_json(add):
    own = {
        "on": date(2027, 1, 2),
        "at": datetime(2027, 1, 2, 3, 4, tzinfo=UTC),
        "for": timedelta(minutes=1),
        "total": Decimal("9.90"),
        "key": UUID(int=1),
    }
    add(lambda customer: ("orders", own))
    assert export(customer_named("jane").pk)["orders"] == {
        "on": "2027-01-02",
        "at": "2027-01-02T03:04:00Z",
        "for": "P0DT00H01M00S",
        "total": "9.90",
        "key": "00000000-0000-0000-0000-000000000001",
    }


def test_a_receiver_that_fails_fails_the_export(add):
    def fail(customer):
        raise RuntimeError("The orders are elsewhere.")

    out = io.StringIO()
    add(fail)
    customer = customer_named("jane")
    with pytest.raises(RuntimeError, match="The orders are elsewhere"):
        call_command("export_customer", customer.pk, stdout=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize("answer", [("orders", object()), ("orders", {1, 2}), "orders", 7])
def test_an_answer_that_is_no_data_fails_the_export(add, answer):
    out = io.StringIO()
    add(lambda customer: answer)
    customer = customer_named("jane")
    with pytest.raises((TypeError, ValueError)):
        call_command("export_customer", customer.pk, stdout=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize("names", [["customer"], ["orders", "orders"]])
def test_two_sources_of_one_name_do_not_hide_each_other(add, names):
    for number, name in enumerate(names):
        add(lambda customer, name=name, number=number: (name, f"own {number}"))
    customer, out = customer_named("jane"), io.StringIO()
    try:
        call_command("export_customer", customer.pk, stdout=out)
    except ValueError:
        assert out.getvalue() == ""
    else:
        assert all(f"own {number}" in out.getvalue() for number in range(len(names)))
        assert '"first_name": "Jane"' in out.getvalue()


@pytest.mark.parametrize("unknown", ["cus_nobody", "", "nobody@example.com"])
def test_an_unknown_customer_is_said_to_be_so(unknown):
    customer_named("jane")
    with pytest.raises(CommandError, match=r"^There is no customer .*\.$"):
        export(unknown)


def test_a_customer_without_a_user_is_exported():
    customer = customer_named("jane")
    Customer.objects.update(user=None)
    data = export(customer.pk)
    assert (data["user"], data["customer"]["email"]) == (None, "jane@example.com")


def test_exporting_changes_nothing():
    request = due()
    before = list(Customer.objects.values()), list(AccountDeletionRequest.objects.values())
    export(request.customer_ref)
    assert (list(Customer.objects.values()), list(AccountDeletionRequest.objects.values())) == before
