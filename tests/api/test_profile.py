"""POST and PATCH /store/customers/me."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.models import Customer
from tests.conftest import PASSWORD

URL = "/store/customers/me"
PHONE = "+14155552671"
ROAD = "changes require OTP verification. Use POST /store/customers/me/contact to request a change."
EVERYTHING = 14

pytestmark = pytest.mark.life_cycle


@pytest.fixture(params=["post", "patch"])
def update(request, api, verified):
    """Send an update of Jane's profile by either method; return the answer."""
    person, token = verified(first_name="Jane", metadata={"size": "M", "shoe": {"eu": 38}})

    def send(body=None, query="", method=request.param):
        return api.request(method, URL + query, body, token=token)

    send.person, send.token = person, token
    return send


@pytest.mark.parametrize("name", ["first_name", "last_name", "company_name"])
@pytest.mark.parametrize("value", ["Zoë", "", None, " not trimmed ", "x" * 255])
def test_a_name_is_stored_as_sent(update, name, value):
    answer = update({name: value})
    assert answer.status_code == 200
    assert list(answer.json()) == ["customer"]
    assert len(answer.json()["customer"]) == EVERYTHING
    assert answer.json()["customer"][name] == value
    assert getattr(update.person.row, name) == value


def test_what_is_not_sent_stays(update):
    update({"last_name": "Doe"})
    customer = update.person.row
    assert (customer.first_name, customer.last_name, customer.metadata["size"]) == ("Jane", "Doe", "M")


@pytest.mark.parametrize("name", ["first_name", "last_name", "company_name"])
@pytest.mark.parametrize(
    ("value", "issue"),
    [
        ("x" * 256, "Value for field '{}' too big, expected at most: '255'"),
        (5, "Expected type: 'string' for field '{}', got: '5'"),
        ([], "Expected type: 'string' for field '{}', got: ''"),
    ],
)
def test_a_bad_name_says_why(update, name, value, issue):
    answer = update({name: value})
    message = f"Invalid request: {issue.format(name)}"
    assert (answer.status_code, answer.json()) == (400, {"type": "invalid_data", "message": message})
    assert update.person.row.first_name == "Jane"


@pytest.mark.parametrize(("kind", "noun"), [("phone", "Phone"), ("email", "Email")])
@pytest.mark.parametrize("value", [PHONE, "eve@example.com", "jane@example.com", "", None, 5, {}])
def test_e12_a_contact_is_not_changed_here(update, kind, noun, value):
    answer = update({"first_name": "Eve", kind: value})
    assert answer.status_code == 400
    assert answer.json() == {"type": "not_allowed", "message": f"{noun} {ROAD}"}
    customer = update.person.row
    assert (customer.first_name, customer.email, customer.phone) == ("Jane", "jane@example.com", None)


@pytest.mark.parametrize(
    "name",
    [
        "password", "has_account", "id", "email_verified", "phone_verified", "email_verified_at", "addresses", "user",
        "is_staff", "is_active", "groups", "token_epoch", "created_at", "deletion_scheduled_at", "default_shipping",
    ],
)  # fmt: skip
def test_b5_any_other_key_is_refused(update, name):
    before = Customer.objects.values().get()
    answer = update({"first_name": "Eve", name: True})
    message = f"Invalid request: Unrecognized fields: '{name}'"
    assert (answer.status_code, answer.json()) == (400, {"type": "invalid_data", "message": message})
    assert Customer.objects.values().get() == before


def test_issues_come_in_schema_order_and_unknown_keys_last(update):
    answer = update({"b": 1, "a": 1, "company_name": 1, "first_name": 2})
    assert answer.json()["message"] == (
        "Invalid request: Expected type: 'string' for field 'first_name', got: '2'; "
        "Expected type: 'string' for field 'company_name', got: '1'; Unrecognized fields: 'b, a'"
    )


@pytest.mark.parametrize(
    ("change", "merged"),
    [
        ({"colour": "red"}, {"size": "M", "shoe": {"eu": 38}, "colour": "red"}),
        ({"size": "L"}, {"size": "L", "shoe": {"eu": 38}}),
        ({"shoe": {"us": 7}}, {"size": "M", "shoe": {"us": 7}}),
        ({"size": ""}, {"shoe": {"eu": 38}}),
        ({"size": "", "shoe": ""}, {}),
        ({"absent": ""}, {"size": "M", "shoe": {"eu": 38}}),
        ({"shoe": {"eu": ""}}, {"size": "M", "shoe": {"eu": ""}}),
        ({"size": 0, "shoe": False}, {"size": 0, "shoe": False}),
        ({}, {"size": "M", "shoe": {"eu": 38}}),
        (None, None),
    ],
)
def test_metadata_is_merged_one_level_deep(update, change, merged):
    answer = update({"metadata": change})
    assert answer.status_code == 200
    assert answer.json()["customer"]["metadata"] == merged
    assert update.person.row.metadata == merged


@pytest.mark.parametrize(("change", "merged"), [({"a": 1}, {"a": 1}), ({}, None), (None, None)])
def test_metadata_from_nothing(update, change, merged):
    Customer.objects.update(metadata=None)
    assert update({"metadata": change}).json()["customer"]["metadata"] == merged


@pytest.mark.parametrize("value", ["x", 5, [], True])
def test_metadata_is_an_object(update, value):
    answer = update({"metadata": value})
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert "'metadata'" in answer.json()["message"]


def test_metadata_may_take_16_kb_after_the_merge(update):
    assert update({"metadata": {"a": "x" * 9_000}}).status_code == 200
    before = update.person.row.metadata
    answer = update({"metadata": {"b": "x" * 9_000}})
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert "'metadata'" in answer.json()["message"]
    assert update.person.row.metadata == before
    assert update({"metadata": {"a": "", "b": "x" * 15_000}}).status_code == 200
    assert update({"metadata": {"b": "y" * 15_000}}).status_code == 200


def test_bytes_count_not_characters(update):
    assert update({"metadata": {"a": "é" * 8_500}}).status_code == 400
    assert update({"metadata": {"a": "é" * 7_500}}).status_code == 200


@pytest.mark.parametrize("body", [None, {}])
def test_an_empty_body_writes_nothing(api, update, body):
    before = api.get(URL, token=update.token).json()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        answer = update(body)
    assert (answer.status_code, answer.json()) == (200, before)
    assert api.get(URL, token=update.token).json() == before


def test_a_change_moves_updated_at_and_nothing_else_of_the_record(api, update):
    before = api.get(URL, token=update.token).json()["customer"]
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        after = update({"first_name": "Janet"}).json()["customer"]
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"first_name", "updated_at"}
    assert after["updated_at"] > before["updated_at"]
    assert after == api.get(URL, token=update.token).json()["customer"]


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ("?fields=first_name,nope", ["id", "first_name"]),
        ("?fields=first_name,*orders", ["id", "first_name", "orders"]),
        ("?fields=", ["id"]),
    ],
)
def test_fields_choose_what_is_answered(update, fields, keys):
    assert list(update({"first_name": "Janet"}, fields).json()["customer"]) == keys
    assert update.person.row.first_name == "Janet"


def test_a_profile_is_no_contact_and_ends_no_session(api, update):
    update({"first_name": "Janet"})
    assert api.get(URL, token=update.token).status_code == 200
    assert api.post("/auth/customer/emailpass", {"email": "jane@example.com", "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("method", ["post", "patch"])
def test_only_a_customer_may(api, sign_up, method):
    for token in (None, "junk", sign_up().token):
        answer = api.request(method, URL, {"phone": PHONE}, token=token)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_it_is_ones_own_record(update, verified):
    other, _ = verified("other@example.com")
    update({"first_name": "Janet", "metadata": {"a": 1}})
    assert (other.row.first_name, other.row.metadata) == (None, None)


@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_405(update, method):
    answer = update({}, method=method)
    assert (answer.status_code, answer.json()["type"]) == (405, "method_not_allowed")
