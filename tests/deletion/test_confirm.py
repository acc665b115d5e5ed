"""POST /store/customers/account-deletion/confirm: the code schedules the erasure, once."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from customer_registration.signals import account_deletion_scheduled
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.deletion.conftest import CANCEL_CONFIRM, CONFIRM, EMAIL, PHONE, REQUEST

ME, LOGIN = "/store/customers/me", "/auth/customer/emailpass"
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
KEYS = ["id", "customer_id", "status", "created_at", "confirmed_at", "scheduled_at", "cancelled_at", "completed_at"]
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def asked(verified, ask_to_leave):
    """Jane has asked to leave; return her, the token she is logged in with, and the proof that confirms it."""
    person, token = verified()
    return person, token, {"token": ask_to_leave(token, reason="private"), "code": last_code(EMAIL)}


def nothing_is_scheduled():
    row = AccountDeletionRequest.objects.get()
    return row.status == "pending" and Customer.objects.get(pk=row.customer_ref).deletion_scheduled_at is None


def test_the_code_schedules_the_erasure(api, asked):
    person, _, proof = asked
    start = timezone.now()
    answer = api.post(CONFIRM, proof)
    assert answer.status_code == 200
    assert list(answer.json()) == ["request"]
    shown, row = answer.json()["request"], AccountDeletionRequest.objects.get()
    assert list(shown) == KEYS
    assert (shown["id"], shown["customer_id"], shown["status"]) == (row.pk, person.id, "confirmed")
    assert all(TIMESTAMP.fullmatch(shown[name]) for name in ("created_at", "confirmed_at", "scheduled_at"))
    assert (shown["cancelled_at"], shown["completed_at"]) == (None, None)
    assert row.status == "confirmed"
    assert start <= row.confirmed_at <= timezone.now()
    assert row.scheduled_at == row.due_at == row.confirmed_at + timedelta(days=7)
    assert person.row.deletion_scheduled_at == row.scheduled_at


@pytest.mark.parametrize("days", [0, 1, 30])
def test_the_grace_period_is_a_setting(api, asked, configure, days):
    configure(ACCOUNT_DELETION_REQUEST={"SCHEDULED_DAYS": days})
    person, _, proof = asked
    shown = api.post(CONFIRM, proof).json()["request"]
    between = datetime.fromisoformat(shown["scheduled_at"]) - datetime.fromisoformat(shown["confirmed_at"])
    assert between == timedelta(days=days)
    login = api.post(LOGIN, {"email": EMAIL, "password": PASSWORD})
    assert (login.status_code, login.json()["scheduled_at"]) == (403, shown["scheduled_at"])
    assert person.row.email == EMAIL


@pytest.mark.parametrize("bearer", [None, "junk", "own"])
def test_no_login_is_needed_and_none_gets_in_the_way(api, asked, bearer):
    _, token, proof = asked
    assert api.another().post(CONFIRM, proof, token=token if bearer == "own" else bearer).status_code == 200


def test_c7_spaces_and_hyphens_are_ignored(api, asked):
    _, _, proof = asked
    code = proof["code"]
    assert api.post(CONFIRM, {**proof, "code": f" {code[:3]}-{code[3:]} "}).status_code == 200


def test_the_confirmation_is_audited_and_signalled(api, asked, hear):
    person, _, proof = asked
    heard = hear(account_deletion_scheduled)
    api.post(CONFIRM, {**proof, "code": wrong(proof["code"])})
    assert heard == []
    api.post(CONFIRM, proof)
    row = AccountDeletionRequest.objects.get()
    [arguments] = heard
    assert sorted(arguments) == ["customer", "request"]
    assert (arguments["customer"].pk, arguments["request"].pk) == (person.id, row.pk)
    assert arguments["request"].status == "confirmed"
    assert arguments["customer"].deletion_scheduled_at == arguments["request"].scheduled_at == row.scheduled_at
    event = AccountEvent.objects.get(kind="deletion_scheduled")
    assert (event.customer_ref, event.contact) == (person.id, "")
    assert event.detail == {"scheduled_at": row.scheduled_at.isoformat()}


def test_a_failing_receiver_does_not_stop_it(api, asked):
    def fail(**arguments):
        raise RuntimeError("the shop's own")

    account_deletion_scheduled.connect(fail)
    try:
        assert api.post(CONFIRM, asked[2]).status_code == 200
    finally:
        account_deletion_scheduled.disconnect(fail)


# Refused


@pytest.mark.parametrize("path", [CONFIRM, CANCEL_CONFIRM])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field 'token' is required; Field 'code' is required"),
        ({"token": "x", "code": ""}, "Value for field 'code' too small, expected at least: '1'"),
        ({"token": "x", "code": "1" * 17}, "Value for field 'code' too big, expected at most: '16'"),
        ({"token": None, "code": 1}, "Expected type: 'string' for field 'token', got: 'null'; "
         "Expected type: 'string' for field 'code', got: '1'"),
        ({"token": "x" * 4097, "code": "1"}, "Value for field 'token' too big, expected at most: '4096'"),
        ({"token": "x", "code": "1", "reason": "x"}, "Unrecognized fields: 'reason'"),
    ],
)  # fmt: skip
def test_a_bad_request_says_why(api, path, body, message):
    answer = api.post(path, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}


def test_c2_five_guesses_then_the_right_code_is_refused_too(api, asked):
    _, token, proof = asked
    for remaining in (4, 3, 2, 1, 0):
        answer = api.post(CONFIRM, {**proof, "code": wrong(proof["code"])})
        assert answer.status_code == 400
        assert answer.json() == {
            "type": "invalid_data",
            "message": "Invalid code",
            "code": "otp_invalid",
            "attempts_remaining": remaining,
        }
    answer = api.post(CONFIRM, proof)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["code"] == "otp_attempts_exceeded"
    assert nothing_is_scheduled()
    assert api.get(ME, token=token).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_code_is_valid_until_its_last_second(api, asked, seconds, status):
    expires_at = OtpVerification.objects.get(purpose="account_deletion_request").expires_at
    with time_machine.travel(expires_at + timedelta(seconds=seconds), tick=False):
        answer = api.post(CONFIRM, asked[2])
    assert answer.status_code == status
    if status == 400:
        assert (answer.json()["type"], answer.json()["code"]) == ("invalid_data", "otp_expired")
        assert nothing_is_scheduled()


def test_c1_a_code_works_once(api, asked):
    _, _, proof = asked
    first = api.post(CONFIRM, proof).json()["request"]
    again = api.post(CONFIRM, proof)
    assert (again.status_code, again.json()["code"], again.json()["attempts_remaining"]) == (400, "otp_invalid", 0)
    assert AccountDeletionRequest.objects.get().pk == first["id"]
    assert AccountEvent.objects.filter(kind="deletion_scheduled").count() == 1
    assert sum("will be deleted on" in text for text in messages_to(EMAIL)) == 1


def test_a_forged_foreign_or_wrong_purpose_token_is_401(api, asked, sign_up, send_code, ask_to_stay):
    person, login, proof = asked
    flow = proof["token"]
    forged = flow[:-2] + ("AA" if flow[-2:] != "AA" else "BB")
    verification = send_code(sign_up("other@example.com"))
    cancel = ask_to_stay(email=EMAIL)
    for bad in ("", "junk", "a.b.c", "é", forged, login, person.token, verification, cancel):
        answer = api.post(CONFIRM, {**proof, "token": bad})
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert nothing_is_scheduled()


def test_c8_codes_of_other_purposes_prove_nothing(api, asked, ask_to_stay):
    _, _, proof = asked
    cancel = ask_to_stay(email=EMAIL)
    cancel_code = last_code(EMAIL)
    for path, body in ((CONFIRM, {**proof, "code": cancel_code}), (CANCEL_CONFIRM, {**proof, "token": cancel})):
        assert api.post(path, body).json()["code"] == "otp_invalid"
    assert nothing_is_scheduled()


def test_another_customers_code_does_not_fit(api, asked, verified, ask_to_leave):
    _, token = verified("joe@example.com")
    joes = {"token": ask_to_leave(token), "code": last_code("joe@example.com")}
    for body in ({**asked[2], "code": joes["code"]}, {**joes, "code": asked[2]["code"]}):
        assert api.post(CONFIRM, body).json()["code"] == "otp_invalid"
    assert not AccountDeletionRequest.objects.exclude(status="pending").exists()


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_decision_10_whoever_has_become_staff_since_is_403(api, asked, flag):
    _, token, proof = asked
    get_user_model().objects.update(**{flag: True})
    answer = api.post(CONFIRM, proof)
    assert (answer.status_code, answer.json()["type"], answer.json()["code"]) == (403, "forbidden", "staff_account")
    assert nothing_is_scheduled()
    assert api.get(ME, token=token).status_code == 200
    get_user_model().objects.update(**{flag: False})
    assert api.post(CONFIRM, proof).status_code == 200


def test_d1_a_deactivated_customer_confirms_nothing(api, asked):
    get_user_model().objects.update(is_active=False)
    answer = api.post(CONFIRM, asked[2])
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert nothing_is_scheduled()


@pytest.mark.parametrize("road", ["password", "reset", "contact"])
def test_c10_e9_the_code_dies_with_the_password_and_with_the_contact(api, asked, reset_link, change_contact, road):
    _, token, proof = asked
    new = {"password": "a new password entirely"}
    if road == "password":
        assert api.post(f"{ME}/password", {"old_password": PASSWORD, **new}, token=token).status_code == 200
    elif road == "reset":
        assert api.post(f"{LOGIN}/update", new, token=reset_link()).status_code == 200
    else:
        change_contact(token, email="new@example.com")
    answer = api.post(CONFIRM, proof)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert nothing_is_scheduled()


def test_an_interrupted_confirmation_leaves_everything_as_it_was(api, asked, monkeypatch):
    _, token, proof = asked
    before, sent = Customer.objects.values().get(), len(messages_to(EMAIL))
    api.client.raise_request_exception = False

    def fail(*arguments, **options):
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.flows.deletion.messages.scheduled", fail)
        assert api.post(CONFIRM, proof).status_code == 500
    assert Customer.objects.values().get() == before
    assert nothing_is_scheduled()
    assert len(messages_to(EMAIL)) == sent
    assert api.get(ME, token=token).status_code == 200
    assert api.post(CONFIRM, proof).status_code == 200


def test_there_is_nothing_to_ask_for_while_leaving(api, leaving):
    jane = leaving(phone=PHONE)
    answer = api.post(REQUEST, {}, token=jane.bearer)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert AccountDeletionRequest.objects.count() == 1
