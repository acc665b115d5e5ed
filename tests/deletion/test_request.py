"""POST /store/customers/account-deletion/request: who may ask, where the code goes, and what is written down."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.deletion.conftest import CONFIRM, EMAIL, PHONE, REQUEST

ME, LOGIN = "/store/customers/me", "/auth/customer/emailpass"
GUARD = {"message": "Unauthorized"}
STAFF = {"type": "forbidden", "message": "Staff accounts cannot be changed here", "code": "staff_account"}

pytestmark = pytest.mark.life_cycle


def everything_sent():
    return len(mail.outbox) + InboxMessage.objects.count()


def test_a_code_is_sent_and_nothing_changes_for_the_customer_yet(api, verified):
    _, token = verified()
    before = Customer.objects.values().get()
    answer = api.post(REQUEST, {"reason": "too many mails"}, token=token)
    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "expires_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer.json()["expires_at"])
    expires = datetime.fromisoformat(answer.json()["expires_at"])
    assert timedelta(minutes=14) < expires - timezone.now() <= timedelta(minutes=15)
    assert re.fullmatch(r"\d{6}", last_code(EMAIL))
    assert last_code(EMAIL) not in answer.content.decode()
    assert Customer.objects.values().get() == before
    assert api.get(ME, token=token).status_code == 200
    assert api.post(LOGIN, {"email": EMAIL, "password": PASSWORD}).status_code == 200


def test_the_request_is_pending_and_says_who_asked_from_where_and_why(api, verified):
    person, token = verified()
    start = timezone.now()
    headers = {"user-agent": "Firefox", "accept-language": "de"}
    api.another(REMOTE_ADDR="192.0.2.7").post(REQUEST, {"reason": "too many mails"}, token=token, **headers)
    row = AccountDeletionRequest.objects.get()
    assert (row.status, row.customer_id, row.customer_ref) == ("pending", person.id, person.id)
    assert (row.reason, row.ip, row.user_agent, row.language) == ("too many mails", "192.0.2.7", "Firefox", "de")
    assert start <= row.created_at <= timezone.now()
    assert (row.confirmed_at, row.scheduled_at, row.cancelled_at, row.completed_at) == (None,) * 4
    assert EMAIL not in str(AccountDeletionRequest.objects.values().get())


def test_the_request_is_audited(verified, ask_to_leave):
    person, token = verified()
    ask_to_leave(token, reason="private")
    event = AccountEvent.objects.get(kind="deletion_requested")
    assert (event.customer_ref, event.contact, event.detail) == (person.id, "", {})


# Who may ask


def test_only_a_customer_may(api, register):
    for token in (None, "junk", register()):
        answer = api.post(REQUEST, {}, token=token)
        assert (answer.status_code, answer.json()) == (401, GUARD)
        assert "WWW-Authenticate" not in answer.headers
    assert not AccountDeletionRequest.objects.exists()


def test_a_customer_who_has_not_proven_their_address_may_not(api, sign_up):
    assert api.post(REQUEST, {}, token=sign_up().token).json() == GUARD


def test_a_cookie_session_will_do(api, verified):
    _, token = verified()
    api.post("/auth/session", token=token)
    assert api.post(REQUEST, {}).status_code == 200


def test_another_sites_page_may_not_use_the_cookie(api, verified):
    _, token = verified()
    api.post("/auth/session", token=token)
    answer = api.post(REQUEST, {}, **{"sec-fetch-site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
    assert not AccountDeletionRequest.objects.exists()


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_decision_10_staff_may_not(api, verified, flag):
    _, token = verified()
    get_user_model().objects.update(**{flag: True})
    sent, answer = everything_sent(), api.post(REQUEST, {}, token=token)
    assert (answer.status_code, answer.json()) == (403, STAFF)
    assert everything_sent() == sent
    assert not AccountDeletionRequest.objects.exists()


def test_a_staff_token_is_no_customers(api, verified):
    verified()
    get_user_model().objects.update(is_staff=True)
    staff = api.post("/auth/user/emailpass", {"email": EMAIL, "password": PASSWORD}).json()["token"]
    assert api.post(REQUEST, {}, token=staff).json() == GUARD


# The reason


@pytest.mark.parametrize("body", [{}, {"reason": None}, {"reason": ""}])
def test_no_reason_is_needed(api, verified, body):
    _, token = verified()
    assert api.post(REQUEST, body, token=token).status_code == 200
    assert AccountDeletionRequest.objects.get().reason == ""


def test_a_long_reason_is_kept_whole(verified, ask_to_leave):
    _, token = verified()
    reason = "ж\n<b>" * 200
    ask_to_leave(token, reason=reason)
    assert AccountDeletionRequest.objects.get().reason == reason


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"reason": "x" * 1001}, "Value for field 'reason' too big, expected at most: '1000'"),
        ({"reason": 5}, "Expected type: 'string' for field 'reason', got: '5'"),
        ({"reason": ["x"]}, "Expected type: 'string' for field 'reason', got: 'x'"),
        ({"reason": "x", "b": 1, "a": 1}, "Unrecognized fields: 'b, a'"),
        (
            {"reason": {}, "customer_id": "cus_x"},
            "Expected type: 'string' for field 'reason', got: '[object Object]'; Unrecognized fields: 'customer_id'",
        ),
    ],
)
def test_a_bad_request_says_why(api, verified, body, message):
    _, token = verified()
    answer = api.post(REQUEST, body, token=token)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}
    assert not AccountDeletionRequest.objects.exists()


# Where the code goes


@pytest.mark.parametrize("mode", ["email", "phone", "both"])
@pytest.mark.parametrize(("proven", "to"), [({"email", "phone"}, EMAIL), ({"email"}, EMAIL), ({"phone"}, PHONE)])
def test_the_code_goes_to_the_proven_address_first_else_the_proven_number(
    verified, configure, ask_to_leave, mode, proven, to
):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    _, token = verified(phone=PHONE)
    configure(LOGIN={"IDENTIFIER": mode})
    proofs = {f"{kind}_verified_at": timezone.now() if kind in proven else None for kind in ("email", "phone")}
    Customer.objects.update(**proofs)
    seen = {each: len(messages_to(each)) for each in (EMAIL, PHONE)}
    ask_to_leave(token)
    assert {each for each, count in seen.items() if len(messages_to(each)) > count} == {to}


@pytest.mark.parametrize(("mode", "to"), [("email", EMAIL), ("phone", PHONE), ("both", EMAIL)])
def test_with_nothing_proven_the_code_goes_to_the_registered_identifier(api, configure, ask_to_leave, mode, to):
    configure(
        REGISTRATION={"IDENTIFIER": mode, "REQUIRE_VERIFICATION": False},
        USER_ADAPTER="tests.user_models.adapters.NamedByIdAdapter",
    )
    held = {"email": EMAIL, "phone": PHONE}
    registered = "phone" if mode == "phone" else "email"
    credentials = {registered: held[registered], "password": PASSWORD}
    token = api.post(f"{LOGIN}/register", credentials).json()["token"]
    assert api.post("/store/customers", held, token=token).status_code == 200
    ask_to_leave(api.post(LOGIN, credentials).json()["token"])
    assert {each for each in held.values() if messages_to(each)} == {to}


def test_a_customer_with_a_number_alone_leaves_by_text(sign_up_by_phone, leave):
    token = sign_up_by_phone()
    assert leave(token, PHONE)["status"] == "confirmed"
    assert mail.outbox == []


def test_without_a_channel_nothing_is_written(api, verified, configure):
    _, token = verified(phone=PHONE)
    Customer.objects.update(email_verified_at=None, phone_verified_at=timezone.now())
    configure(LOGIN={"IDENTIFIER": "both"}, CHANNELS={"sms": []})
    answer = api.post(REQUEST, {}, token=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "channel_unavailable")
    assert not AccountDeletionRequest.objects.exists()


# Asking again


def test_a_second_request_renews_the_pending_one(api, verified, ask_to_leave):
    _, token = verified()
    first, first_code = ask_to_leave(token, reason="one"), last_code(EMAIL)
    before = AccountDeletionRequest.objects.get()
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        second, second_code = ask_to_leave(token, reason="two"), last_code(EMAIL)
        row = AccountDeletionRequest.objects.get()
        assert (row.pk, row.status, row.reason) == (before.pk, "pending", "two")
        assert row.created_at > before.created_at
        for code in (first_code, second_code):
            assert api.post(CONFIRM, {"token": first, "code": code}).json()["code"] == "otp_invalid"
        answer = api.post(CONFIRM, {"token": second, "code": second_code})
        assert answer.json()["request"]["id"] == before.pk


def test_a_renewed_request_forgets_the_reason_that_is_not_given_again(verified, ask_to_leave):
    _, token = verified()
    ask_to_leave(token, reason="one")
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        ask_to_leave(token)
    assert AccountDeletionRequest.objects.get().reason == ""


def test_c5_the_newer_code_starts_with_the_older_ones_guesses(api, verified, ask_to_leave):
    _, token = verified()
    flow = ask_to_leave(token)
    for _ in range(4):
        api.post(CONFIRM, {"token": flow, "code": wrong(last_code(EMAIL))})
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        flow = ask_to_leave(token)
        assert api.post(CONFIRM, {"token": flow, "code": wrong(last_code(EMAIL))}).json()["attempts_remaining"] == 0
        answer = api.post(CONFIRM, {"token": flow, "code": last_code(EMAIL)})
        assert (answer.status_code, answer.json()["code"]) == (400, "otp_attempts_exceeded")


def test_two_customers_have_requests_of_their_own(verified, ask_to_leave):
    jane, first = verified()
    joe, second = verified("joe@example.com")
    ask_to_leave(first)
    ask_to_leave(second)
    assert set(AccountDeletionRequest.objects.values_list("customer_ref", flat=True)) == {jane.id, joe.id}


def test_the_flow_token_tells_neither_the_contact_nor_the_customer(verified, ask_to_leave):
    import jwt

    person, token = verified()
    claims = jwt.decode(ask_to_leave(token), options={"verify_signature": False})
    assert "jane" not in str(claims)
    assert person.id not in str(claims)


def test_c12_no_table_holds_the_code(verified, ask_to_leave):
    from django.apps import apps

    _, token = verified()
    ask_to_leave(token)
    models = apps.get_app_config("customer_registration").get_models()
    rows = [str(row) for model in models for row in model.objects.values()]
    assert OtpVerification.objects.filter(purpose="account_deletion_request").count() == 1
    assert not [row for row in rows if f"'{last_code(EMAIL)}'" in row]
