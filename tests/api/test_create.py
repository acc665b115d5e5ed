"""POST /store/customers."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification
from customer_registration.signals import customer_registered, identity_registered
from customer_registration.tokens import LoginToken

URL = "/store/customers"
PHONE, OTHER_PHONE = "+12025550123", "+12025550124"
pytestmark = [pytest.mark.life_cycle, pytest.mark.usefixtures("over_http")]


@pytest.fixture(autouse=True)
def any_number(configure):
    """Fictional numbers are of no type that can be texted."""
    configure(SMS_GUARD={"NUMBER_TYPES": ["FIXED_LINE_OR_MOBILE", "MOBILE"]})


def test_create_answers_with_every_key(api, register):
    token = register()
    body = {
        "first_name": "Jane",
        "last_name": "",
        "company_name": None,
        "metadata": {"tier": "gold"},
        "phone": "",
        "email": "Jane@Example.com",
        "password": "ignored",
    }
    answer = api.post(URL, body, token=token)
    assert answer.status_code == 200
    row = Customer.objects.get()

    def shown(moment):
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"

    assert answer.json() == {
        "customer": {
            "id": row.pk,
            "email": "jane@example.com",
            "phone": None,
            "email_verified": False,
            "phone_verified": False,
            "first_name": "Jane",
            "last_name": "",
            "company_name": None,
            "has_account": True,
            "metadata": {"tier": "gold"},
            "addresses": [],
            "created_at": shown(row.created_at),
            "updated_at": shown(row.updated_at),
            "deleted_at": None,
        }
    }
    row.user.refresh_from_db()
    assert row.user.check_password("correct horse battery")


def test_an_empty_body_creates_a_nameless_customer(api, register):
    answer = api.post(URL, None, token=register())
    assert answer.status_code == 200
    assert answer.json()["customer"]["first_name"] is None


def test_the_token_stays_actorless_until_it_is_refreshed(api, verified):
    person, _ = verified()
    assert api.get("/store/customers/me", token=person.token).status_code == 401
    fresh = api.post("/auth/token/refresh", token=person.token).json()["token"]
    assert LoginToken.read(fresh).actor_id == person.id


def test_creating_twice_is_refused(api, sign_up):
    person = sign_up()
    answer = api.post(URL, {"first_name": "Eve"}, token=person.token)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": "Request already authenticated as a customer."}
    assert person.row.first_name is None


def test_a_login_token_cannot_create(api, verified):
    _, token = verified()
    answer = api.post(URL, {}, token=token)
    assert answer.json() == {"type": "invalid_data", "message": "Request already authenticated as a customer."}


def test_the_registered_address_cannot_be_changed_here(api, register):
    answer = api.post(URL, {"email": "other@example.com"}, token=register())
    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid_data"
    assert Customer.objects.get().registered_at is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"first_name": 5}, "Expected type: 'string' for field 'first_name', got: '5'"),
        ({"first_name": True}, "Expected type: 'string' for field 'first_name', got: 'true'"),
        ({"first_name": ["a", None, 1.0]}, "Expected type: 'string' for field 'first_name', got: 'a,,1'"),
        ({"first_name": {}}, "Expected type: 'string' for field 'first_name', got: '[object Object]'"),
        ({"metadata": "x"}, "Expected type: 'record' for field 'metadata', got: 'x'"),
        ({"first_name": "x" * 256}, "Value for field 'first_name' too big, expected at most: '255'"),
        ({"metadata": {"a": "x" * 16_000}}, "Value for field 'metadata' too big, expected at most: '16000'"),
        ({"email": "nope"}, "Invalid email address"),
        ({"phone": "nope"}, "Invalid phone number"),
        ({"foo": 1, "has_account": True}, "Unrecognized fields: 'foo, has_account'"),
        (
            {"foo": 1, "last_name": 1, "first_name": 2, "email": 3},
            "Expected type: 'string' for field 'email', got: '3'; "
            "Expected type: 'string' for field 'first_name', got: '2'; "
            "Expected type: 'string' for field 'last_name', got: '1'",
        ),
    ],
)
def test_a_bad_body_names_the_first_three_issues_in_schema_order(api, register, body, message):
    answer = api.post(URL, body, token=register())
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}
    assert Customer.objects.get().registered_at is None


@pytest.mark.parametrize("token", [None, "junk", "", "a.b.c"])
def test_without_a_live_token_the_guard_answers(api, token):
    answer = api.post(URL, {"foo": 1}, token=token)
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthorized"}
    assert "WWW-Authenticate" not in answer.headers


def test_a_second_identifier_is_taken_here(api, register):
    answer = api.post(URL, {"phone": "(202) 555-0123"}, token=register())
    assert answer.json()["customer"]["phone"] == PHONE
    assert answer.json()["customer"]["phone_verified"] is False


def test_a_taken_phone_is_422_and_leaves_no_half_customer(api, register, sign_up):
    sign_up("first@example.com", phone=PHONE)
    answer = api.post(URL, {"phone": PHONE, "first_name": "Eve"}, token=register())
    assert answer.status_code == 422
    assert answer.json() == {
        "type": "duplicate_error",
        "code": "invalid_request_error",
        "message": "Customer with this phone already has an account",
    }
    assert Customer.objects.get(email="jane@example.com").registered_at is None
    assert api.post(URL, {"phone": OTHER_PHONE}, token=register()).status_code == 200


def test_a_lapsed_phone_is_taken_over_and_a_proven_address_stays(api, register, verified):
    first, _ = verified("first@example.com", phone=PHONE)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = api.post(URL, {"phone": PHONE}, token=register())
    assert answer.status_code == 200
    assert (first.row.email, first.row.phone) == ("first@example.com", None)
    assert first.row.user.has_usable_password()


def test_a_claim_that_was_taken_meanwhile_creates_nobody(api, register, monkeypatch):
    from customer_registration.flows import registration

    token = register()
    old = Customer.objects.get()
    second_identifiers = registration._second_identifiers

    def overtaken(*args):
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            register(password="the newcomers password")
        return second_identifiers(*args)

    monkeypatch.setattr(registration, "_second_identifiers", overtaken)
    answer = api.post(URL, {"phone": PHONE}, token=token)
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid token")
    old.refresh_from_db()
    assert (old.registered_at, old.email, old.phone) == (None, None, None)


def test_a_database_error_at_the_first_code_does_not_undo_the_customer(api, configure, register, monkeypatch):
    from django.db import DatabaseError

    def broken(*args, **kwargs):
        raise DatabaseError

    configure(EMAIL_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True})
    token = register()
    monkeypatch.setattr("customer_registration.flows.verification.send_first", broken)
    assert api.post(URL, {}, token=token).status_code == 200


def test_signals_are_sent_after_the_commit(api, register):
    heard = []

    def created(sender, customer, **kwargs):
        heard.append(("created", customer.pk))
        assert customer.is_registered
        assert customer.phone == PHONE

    def registered(sender, customer, **kwargs):
        heard.append(("identity", customer.pk))

    customer_registered.connect(created)
    identity_registered.connect(registered)
    try:
        api.post(URL, {"phone": PHONE}, token=register())
    finally:
        customer_registered.disconnect(created)
        identity_registered.disconnect(registered)
    pk = Customer.objects.get().pk
    assert heard == [("identity", pk), ("created", pk)]


def test_a_receiver_that_fails_does_not_undo_the_customer(api, register):
    def broken(sender, **kwargs):
        raise RuntimeError("the host's own fault")

    customer_registered.connect(broken)
    try:
        assert api.post(URL, {}, token=register()).status_code == 200
    finally:
        customer_registered.disconnect(broken)


def test_the_first_code_is_sent_by_itself_if_asked_for(api, configure, sign_up):
    sign_up("quiet@example.com")
    assert mail.outbox == []
    configure(EMAIL_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True})
    person = sign_up()
    assert [message.to for message in mail.outbox] == [["jane@example.com"]]
    again = api.post("/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"})
    assert again.status_code == 429


def test_a_throttled_first_code_does_not_undo_the_customer(api, configure, register):
    token = register()
    pk = Customer.objects.get().pk
    api.post("/store/customers/otp/send", {"customer_id": pk, "type": "email_verification"})
    configure(EMAIL_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True})
    assert api.post(URL, {}, token=token).status_code == 200
    assert OtpVerification.objects.count() == 1
