"""POST /store/customers/account-deletion/cancel-request and /cancel-confirm: the way back while login is blocked."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.exceptions import ErasureVetoed
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from customer_registration.signals import account_about_to_be_erased, account_deletion_cancelled
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, EMAIL, PHONE

ME, LOGIN, REFRESH = "/store/customers/me", "/auth/customer/emailpass", "/auth/token/refresh"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def proven_twice(verified, prove, leave):
    """Jane, both of whose contacts are proven, is leaving."""
    person, token = verified(EMAIL, phone=PHONE)
    prove(person, "phone")
    leave(token)
    return person


def code_row():
    return OtpVerification.objects.get(purpose="account_deletion_cancel")


def test_a_code_is_sent_and_nothing_changes_yet(api, leaving):
    jane = leaving()
    before = AccountDeletionRequest.objects.values().get()
    answer = api.post(CANCEL_REQUEST, {"email": EMAIL})
    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "expires_at"]
    expires = datetime.fromisoformat(answer.json()["expires_at"])
    assert timedelta(minutes=14) < expires - timezone.now() <= timedelta(minutes=15)
    assert re.fullmatch(r"\d{6}", last_code(EMAIL))
    assert last_code(EMAIL) not in answer.content.decode()
    assert AccountDeletionRequest.objects.values().get() == before
    assert jane.row.deletion_scheduled_at is not None
    assert api.post(LOGIN, CREDENTIALS).json()["code"] == "account_deletion_pending"


def test_the_code_keeps_the_account(api, leaving, ask_to_stay):
    jane = leaving()
    before, start = jane.request, timezone.now()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    answer = api.post(CANCEL_CONFIRM, proof)
    assert answer.status_code == 200
    assert list(answer.json()) == ["request"]
    shown = answer.json()["request"]
    assert (shown["id"], shown["customer_id"], shown["status"]) == (before.pk, jane.id, "cancelled")
    row = jane.request
    assert (row.status, row.due_at, row.reminder_at, row.active_customer_id) == ("cancelled", None, None, None)
    assert start <= row.cancelled_at <= timezone.now()
    assert (row.confirmed_at, row.scheduled_at) == (before.confirmed_at, before.scheduled_at)
    assert jane.row.deletion_scheduled_at is None
    assert api.post(LOGIN, CREDENTIALS).status_code == 200


def test_e15_old_tokens_stay_dead_and_a_new_login_is_needed(api, leaving, stay):
    device = api.another()
    jane = leaving()
    device.post("/auth/session", token=jane.bearer)
    stay()
    for dead in (jane.bearer, jane.token):
        assert api.get(ME, token=dead).json() == {"message": "Unauthorized"}
        assert api.post(REFRESH, token=dead).json() == {"message": "Unauthorized"}
    assert device.get(ME).status_code == 401
    token = api.post(LOGIN, CREDENTIALS).json()["token"]
    assert api.get(ME, token=token).json()["customer"]["id"] == jane.id


def test_an_account_that_stays_is_not_erased(leaving, stay):
    jane = leaving()
    stay()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Run().work().total == 0
    assert jane.row.email == EMAIL


def test_the_cancellation_is_audited_and_signalled(api, leaving, ask_to_stay, hear):
    jane = leaving()
    heard = hear(account_deletion_cancelled)
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    api.post(CANCEL_CONFIRM, {**proof, "code": wrong(proof["code"])})
    assert heard == []
    api.post(CANCEL_CONFIRM, proof)
    [arguments] = heard
    assert sorted(arguments) == ["customer", "request"]
    assert (arguments["customer"].pk, arguments["customer"].deletion_scheduled_at) == (jane.id, None)
    assert (arguments["request"].pk, arguments["request"].status) == (jane.request.pk, "cancelled")
    event = AccountEvent.objects.get(kind="deletion_cancelled")
    assert (event.customer_ref, event.contact, event.detail) == (jane.id, "", {})


def test_whoever_stayed_can_ask_to_leave_again(api, leaving, stay, leave):
    jane = leaving()
    stay()
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        again = leave(api.post(LOGIN, CREDENTIALS).json()["token"])
        assert api.post(LOGIN, CREDENTIALS).json()["scheduled_at"] == again["scheduled_at"]
        assert stay()["id"] == again["id"]
    statuses = AccountDeletionRequest.objects.filter(customer_ref=jane.id).values_list("status", flat=True)
    assert list(statuses) == ["cancelled", "cancelled"]


def test_a_pending_request_can_be_cancelled_too(api, verified, ask_to_leave, stay):
    _, token = verified()
    proof = {"token": ask_to_leave(token), "code": last_code(EMAIL)}
    shown = stay()
    assert (shown["status"], shown["confirmed_at"], shown["scheduled_at"]) == ("cancelled", None, None)
    assert api.get(ME, token=token).status_code == 200
    answer = api.post(CONFIRM, proof)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert AccountDeletionRequest.objects.get().status == "cancelled"
    assert Customer.objects.get().deletion_scheduled_at is None


def test_a_failed_erasure_can_be_cancelled_too(api, leaving, stay):
    jane = leaving()

    def veto(**arguments):
        raise ErasureVetoed("An order is on its way.")

    account_about_to_be_erased.connect(veto)
    try:
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            assert len(Run().work().failures) == 1
    finally:
        account_about_to_be_erased.disconnect(veto)
    assert jane.request.status == "failed"
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert stay()["status"] == "cancelled"
        assert api.post(LOGIN, CREDENTIALS).status_code == 200
        assert Run().work().total == 0


# Where the code goes


@pytest.mark.parametrize("mode", ["email", "phone", "both"])
@pytest.mark.parametrize(
    ("contact", "to", "other"),
    [
        ({"email": " JANE@Example.com "}, EMAIL, PHONE),
        ({"phone": "(202) 555-0123"}, PHONE, EMAIL),
        ({"email_or_phone": EMAIL}, EMAIL, PHONE),
        ({"email_or_phone": PHONE}, PHONE, EMAIL),
        ({"email": None, "phone": PHONE}, PHONE, EMAIL),
    ],
)
def test_the_code_goes_to_the_identifier_given(api, configure, proven_twice, mode, contact, to, other):
    configure(LOGIN={"IDENTIFIER": mode})
    seen = {each: len(messages_to(each)) for each in (to, other)}
    flow = api.post(CANCEL_REQUEST, contact).json()["token"]
    assert (len(messages_to(to)), len(messages_to(other))) == (seen[to] + 1, seen[other])
    assert api.post(CANCEL_CONFIRM, {"token": flow, "code": last_code(to)}).status_code == 200


def test_a_number_that_is_all_there_is(api, sign_up_by_phone, leave, stay):
    leave(sign_up_by_phone(), PHONE)
    assert stay(phone=PHONE)["status"] == "cancelled"
    assert api.post(LOGIN, {"phone": PHONE, "password": PASSWORD}).status_code == 200


def test_an_unproven_contact_will_do_where_none_is_proven(leaving, stay):
    leaving()
    Customer.objects.update(email_verified_at=None)
    assert stay()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Exactly one of 'email', 'phone', 'email_or_phone' is required"),
        ({"email": None}, "Exactly one of 'email', 'phone', 'email_or_phone' is required"),
        ({"email": ""}, "Exactly one of 'email', 'phone', 'email_or_phone' is required"),
        ({"email": EMAIL, "phone": PHONE}, "Exactly one of 'email', 'phone', 'email_or_phone' is required"),
        ({"email": EMAIL, "email_or_phone": EMAIL}, "Exactly one of 'email', 'phone', 'email_or_phone' is required"),
        ({"email": "no address"}, "Invalid email address"),
        ({"email_or_phone": "nobody@"}, "Invalid email address"),
        ({"phone": "12"}, "Invalid phone number"),
        ({"phone": EMAIL}, "Invalid phone number"),
        ({"email_or_phone": "+18005550123"}, "Invalid phone number"),
        ({"email": 5}, "Expected type: 'string' for field 'email', got: '5'"),
        ({"email": EMAIL, "customer_id": "x"}, "Unrecognized fields: 'customer_id'"),
    ],
)
def test_a_bad_request_says_why(api, leaving, body, message):
    leaving()
    sent = len(messages_to(EMAIL))
    answer = api.post(CANCEL_REQUEST, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}
    assert len(messages_to(EMAIL)) == sent


# Refused


def test_c2_five_guesses_then_the_right_code_is_refused_too(api, leaving, ask_to_stay):
    jane = leaving()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    guesses = [api.post(CANCEL_CONFIRM, {**proof, "code": wrong(proof["code"])}) for _ in range(5)]
    assert [guess.json()["attempts_remaining"] for guess in guesses] == [4, 3, 2, 1, 0]
    assert {(guess.status_code, guess.json()["code"]) for guess in guesses} == {(400, "otp_invalid")}
    answer = api.post(CANCEL_CONFIRM, proof)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_attempts_exceeded")
    assert jane.request.status == "confirmed"


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_code_is_valid_until_its_last_second(api, leaving, ask_to_stay, seconds, status):
    leaving()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    with time_machine.travel(code_row().expires_at + timedelta(seconds=seconds), tick=False):
        answer = api.post(CANCEL_CONFIRM, proof)
    assert (answer.status_code, answer.json().get("code")) == (status, None if status == 200 else "otp_expired")


def test_c1_a_code_works_once(api, leaving, ask_to_stay):
    jane = leaving()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert api.post(CANCEL_CONFIRM, proof).status_code == 200
    again = api.post(CANCEL_CONFIRM, proof)
    assert (again.status_code, again.json()["code"], again.json()["attempts_remaining"]) == (400, "otp_invalid", 0)
    assert AccountEvent.objects.filter(customer_ref=jane.id, kind="deletion_cancelled").count() == 1


def test_a_forged_foreign_or_wrong_purpose_token_is_401(api, leaving, ask_to_stay, verified, ask_to_leave):
    jane = leaving()
    flow, code = ask_to_stay(), last_code(EMAIL)
    forged = flow[:-2] + ("AA" if flow[-2:] != "AA" else "BB")
    _, joe = verified("joe@example.com")
    for bad in ("", "junk", "a.b.c", forged, jane.bearer, jane.token, ask_to_leave(joe)):
        answer = api.post(CANCEL_CONFIRM, {"token": bad, "code": code})
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert jane.request.status == "confirmed"


def test_d1_a_deactivated_customer_cancels_nothing(api, leaving, ask_to_stay):
    jane = leaving()
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    get_user_model().objects.update(is_active=False)
    assert api.post(CANCEL_CONFIRM, proof).json()["code"] == "otp_invalid"
    assert jane.request.status == "confirmed"


def test_too_late(api, leaving, ask_to_stay):
    jane = leaving()
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
        assert Run().work().erased == 1
        answer = api.post(CANCEL_CONFIRM, proof)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert jane.request.status == "completed"
