"""POST /auth/verification/request and /confirm: the SDK's own flow."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer
from tests.conftest import last_code, wrong

REQUEST, CONFIRM = "/auth/verification/request", "/auth/verification/confirm"
EMAIL = {"entity_id": "jane@example.com", "entity_type": "email"}
INVALID = {"type": "not_allowed", "message": "Verification code is invalid or already used"}
EXPIRED = {"type": "not_allowed", "message": "Verification code has expired"}
pytestmark = [pytest.mark.life_cycle, pytest.mark.usefixtures("over_http")]


def mailed_link() -> str:
    """Return the value of the newest mailed link."""
    found = re.search(r"https://shop\.example\.com/verify\?token=(\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]


def test_a_link_is_mailed_by_default_and_confirms_by_itself(api, register):
    token = register()
    asked = api.post(REQUEST, {**EMAIL, "metadata": {"a": 1}}, token=token)
    assert asked.status_code == 201
    row = asked.json()["verification"]
    identity = f"authid_{Customer.objects.get().pk[4:]}"
    assert row["id"].startswith("authver_")
    assert (row["auth_identity_id"], row["entity_id"], row["entity_type"]) == (identity, "jane@example.com", "email")
    assert (row["code_provider"], row["verified_at"], row["metadata"]) == ("token", None, {"a": 1})
    assert set(row) == {
        "id",
        "auth_identity_id",
        "entity_id",
        "entity_type",
        "code_provider",
        "verified_at",
        "requested_at",
        "metadata",
        "created_at",
        "updated_at",
        "deleted_at",
    }
    value = mailed_link()
    row_id, _, mac = value.partition(".")
    assert (len(row_id), len(mac)) == (26, 64)
    done = api.post(CONFIRM, {"code": value})
    assert done.status_code == 200
    assert done.json()["verified_at"].endswith("Z")
    assert {**done.json(), "verified_at": None} == {
        "entity_id": "jane@example.com",
        "entity_type": "email",
        "code_provider": "token",
        "verified_at": None,
    }
    assert Customer.objects.get().email_verified_at is not None
    again = api.post(CONFIRM, {"code": value})
    assert (again.status_code, again.json()) == (400, INVALID)


def test_without_a_storefront_the_mail_carries_the_bare_token(api, configure, register):
    configure(STOREFRONT_URL=None)
    api.post(REQUEST, EMAIL, token=register())
    value = re.search(r"^[0-9A-Z]{26}\.[0-9a-f]{64}$", mail.outbox[-1].body, re.MULTILINE)
    assert api.post(CONFIRM, {"code": value[0], "code_provider": "token"}).status_code == 200


def test_e5_a_hostile_host_never_reaches_the_link(api, register):
    token = register()
    api.post(REQUEST, EMAIL, token=token, host="evil.example", **{"x-forwarded-host": "evil.example"})
    assert "evil.example" not in mail.outbox[-1].body
    assert mailed_link()


def test_a_code_needs_the_persons_own_bearer(api, register):
    token, other = register(), register("other@example.com")
    asked = api.post(REQUEST, {**EMAIL, "code_provider": "otp"}, token=token)
    assert asked.json()["verification"]["code_provider"] == "otp"
    code = last_code("jane@example.com")
    bare = api.post(CONFIRM, {"code": code})
    assert (bare.status_code, bare.json()) == (401, {"message": "Unauthorized"})
    assert api.post(CONFIRM, {"code": code}, token=other).json() == INVALID
    assert api.post(CONFIRM, {"code": wrong(code)}, token=token).json() == INVALID
    assert api.post(CONFIRM, {"code": code, "code_provider": "otp"}, token=token).status_code == 200
    assert api.post(CONFIRM, {"code": code}, token=token).json() == INVALID


def test_a_code_sent_by_the_other_road_is_taken_too(api, sign_up, send_code):
    person = sign_up()
    send_code(person)
    answer = api.post(CONFIRM, {"code": last_code(person.email)}, token=person.token)
    assert answer.status_code == 200


def test_both_contacts_can_wait_for_a_code_at_once(api, configure, sign_up, send_code):
    from example_project.inbox.models import InboxMessage

    person = sign_up(phone="+12025550123")
    send_code(person, "email")
    send_code(person, "phone")
    sms = re.search(r"\d{6}", InboxMessage.objects.get().text)[0]
    first = api.post(CONFIRM, {"code": last_code(person.email)}, token=person.token)
    second = api.post(CONFIRM, {"code": sms}, token=person.token)
    assert (first.json()["entity_type"], second.json()["entity_type"]) == ("email", "phone")


def test_guesses_are_counted_like_everywhere(api, register):
    token = register()
    api.post(REQUEST, {**EMAIL, "code_provider": "otp"}, token=token)
    code = last_code("jane@example.com")
    for _ in range(5):
        api.post(CONFIRM, {"code": wrong(code)}, token=token)
    assert api.post(CONFIRM, {"code": code}, token=token).json() == INVALID


def test_expired_links_and_codes_say_so(api, register):
    token = register()
    api.post(REQUEST, EMAIL, token=token)
    value = mailed_link()
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert api.post(CONFIRM, {"code": value}).json() == EXPIRED
        api.post(REQUEST, {**EMAIL, "code_provider": "otp"}, token=token)
        code = last_code("jane@example.com")
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert api.post(CONFIRM, {"code": code}, token=token).json() == EXPIRED


def test_a_forged_link_is_refused(api, register):
    api.post(REQUEST, EMAIL, token=register())
    value = mailed_link()
    for forged in (value[:-1] + ("0" if value[-1] != "0" else "1"), value.upper(), "x." + "0" * 64, ".", "a.b.c"):
        assert api.post(CONFIRM, {"code": forged}).json() == INVALID
    assert Customer.objects.get().email_verified_at is None


def test_c8_a_code_row_has_no_link_and_a_link_row_no_code(api, register):
    from customer_registration.models import OtpVerification

    token = register()
    api.post(REQUEST, {**EMAIL, "code_provider": "otp"}, token=token)
    row = OtpVerification.objects.get()
    assert api.post(CONFIRM, {"code": row.link_value()}).json() == INVALID


def test_a_verified_contact_is_201_and_sends_nothing(api, verified):
    _, token = verified()
    sent = len(mail.outbox)
    answer = api.post(REQUEST, EMAIL, token=token)
    assert answer.status_code == 201
    assert answer.json()["verification"]["verified_at"] is not None
    assert len(mail.outbox) == sent


def test_links_and_codes_share_the_throttle(api, register):
    token = register()
    assert api.post(REQUEST, EMAIL, token=token).status_code == 201
    again = api.post(REQUEST, {**EMAIL, "code_provider": "otp"}, token=token)
    assert again.status_code == 429
    assert "Retry-After" in again.headers


def test_only_the_callers_own_contact(api, register):
    answer = api.post(REQUEST, {**EMAIL, "entity_id": "other@example.com"}, token=register())
    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid_data"
    assert mail.outbox == []


@pytest.mark.parametrize("path", [REQUEST])
def test_the_guard_comes_before_the_schema(api, path):
    answer = api.post(path, {"foo": 1})
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field 'entity_id' is required; Field 'entity_type' is required"),
        ({**EMAIL, "entity_id": "nope"}, "Invalid email address"),
        ({**EMAIL, "code_provider": "fax"}, "Expected: 'token' | 'otp' for field 'code_provider', but got: 'fax'"),
        ({**EMAIL, "metadata": None}, "Expected type: 'record' for field 'metadata', got: 'null'"),
        ({**EMAIL, "a": 1}, "Unrecognized fields: 'a'"),
    ],
)
def test_a_bad_request_says_why(api, register, body, message):
    answer = api.post(REQUEST, body, token=register())
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"code": ""}, "Value for field 'code' too small, expected at least: '1'"),
        ({"code": "x" * 129}, "Value for field 'code' too big, expected at most: '128'"),
        ({}, "Field 'code' is required"),
    ],
)
def test_a_bad_confirmation_says_why(api, body, message):
    answer = api.post(CONFIRM, body)
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}
