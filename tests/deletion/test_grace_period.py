"""Between confirm and erasure: every session is over, no road leads to a token, and the contacts stay taken."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, Customer
from customer_registration.signals import account_deletion_cancelled
from tests.conftest import PASSWORD, last_code, link_token, messages_to
from tests.deletion.conftest import BASE, CONFIRM, EMAIL, PHONE

ME, LOGIN, REFRESH = "/store/customers/me", "/auth/customer/emailpass", "/auth/token/refresh"
CONTACT, OTP, UNDO = f"{ME}/contact", "/store/customers/otp", "/store/customers/contact/undo"
GUARD = {"message": "Unauthorized"}
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
NEW_PASSWORD = {"password": "a new password entirely"}
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def jane(verified, prove, configure):
    """Sign up with both contacts proven, where either logs in; return the person and a token."""
    configure(LOGIN={"IDENTIFIER": "both"})
    person, token = verified(EMAIL, phone=PHONE)
    prove(person, "phone")
    return person, token


def is_nobody(answer):
    return (answer.status_code, answer.json()) == (401, GUARD)


# Sessions


def test_e15_every_bearer_is_dead_at_once(api, jane, leave):
    person, token = jane
    renewed = api.post(REFRESH, token=token).json()["token"]
    epoch = person.row.token_epoch
    leave(token)
    assert person.row.token_epoch == epoch + 1
    for dead in (token, renewed, person.token):
        assert is_nobody(api.get(ME, token=dead))
        assert is_nobody(api.post(ME, {"first_name": "J"}, token=dead))
        assert is_nobody(api.post(REFRESH, token=dead))
        assert is_nobody(api.post("/auth/session", token=dead))
        assert is_nobody(api.post(f"{BASE}/request", {}, token=dead))
    assert is_nobody(api.post("/store/customers", {}, token=person.token))


def test_e15_every_cookie_is_dead_at_once(api, jane, leave):
    _, token = jane
    devices = [api.another(), api.another()]
    for device in devices:
        assert device.post("/auth/session", token=token).status_code == 200
    leave(token)
    for device in devices:
        assert is_nobody(device.get(ME))
        assert is_nobody(device.post(REFRESH))


def test_a_session_stays_dead_if_only_the_deletion_were_lifted(api, jane, leave):
    """It is the epoch that ended it, not the mark on the account."""
    _, token = jane
    leave(token)
    Customer.objects.update(deletion_scheduled_at=None)
    assert is_nobody(api.get(ME, token=token))


def test_other_customers_stay_logged_in(api, jane, leave, verified):
    _, joe = verified("joe@example.com")
    leave(jane[1])
    assert api.get(ME, token=joe).status_code == 200


# Codes and links that were on their way


def test_a_reset_link_dies(api, jane, leave, reset_link):
    link = reset_link()
    leave(jane[1])
    answer = api.post(f"{LOGIN}/update", NEW_PASSWORD, token=link)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)


def test_a_verification_code_dies(api, verified, leave, send_code):
    person, token = verified(phone=PHONE)
    proof = {"token": send_code(person, "phone"), "code": last_code(PHONE)}
    leave(token)
    answer = api.post(f"{OTP}/verify", proof)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


def test_a_verification_link_dies(api, verified, leave):
    _, token = verified(phone=PHONE)
    body = {"entity_id": PHONE, "entity_type": "phone"}
    assert api.post("/auth/verification/request", body, token=token).status_code == 201
    leave(token)
    answer = api.post("/auth/verification/confirm", {"code": link_token(PHONE)})
    assert (answer.status_code, answer.json()["message"]) == (400, "Verification code is invalid or already used")


def test_the_code_of_a_contact_change_dies(api, jane, leave, stay):
    _, token = jane
    asked = api.post(CONTACT, {"email": "new@example.com"}, token=token).json()
    proof = {"token": asked["token"], "code": last_code("new@example.com")}
    leave(token)
    assert is_nobody(api.post(f"{CONTACT}/verify", proof, token=token))
    stay()
    answer = api.post(f"{CONTACT}/verify", proof, token=api.post(LOGIN, CREDENTIALS).json()["token"])
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


def test_the_code_to_cancel_the_pending_request_dies(api, jane, leave, ask_to_stay, ask_to_leave):
    _, token = jane
    flow = ask_to_leave(token)
    code = last_code(EMAIL)
    cancel = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert api.post(CONFIRM, {"token": flow, "code": code}).status_code == 200
    assert api.post(f"{BASE}/cancel-confirm", cancel).json()["code"] == "otp_invalid"
    assert AccountDeletionRequest.objects.get().status == "confirmed"


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_an_undo_link_lives_and_keeps_the_account(api, jane, leave, change_contact, hear, kind):
    person, token = jane
    old, new = {"email": (EMAIL, "new@example.com"), "phone": (PHONE, "+14155552671")}[kind]
    token = change_contact(token, **{kind: new})
    link = link_token(EMAIL)
    leave(token, new if kind == "email" else EMAIL)
    heard = hear(account_deletion_cancelled)
    answer = api.post(UNDO, {"token": link})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (getattr(person.row, kind), person.row.deletion_scheduled_at) == (old, None)
    row = AccountDeletionRequest.objects.get()
    assert (row.status, row.active_customer_id, row.due_at) == ("cancelled", None, None)
    assert [(each["customer"].pk, each["request"].pk) for each in heard] == [(person.id, row.pk)]
    assert is_nobody(api.get(ME, token=token))
    assert api.post(LOGIN, CREDENTIALS).status_code == 200


# Roads to a token


@pytest.mark.parametrize(
    "identifier", [{"email": EMAIL}, {"phone": PHONE}, {"email_or_phone": EMAIL}, {"email_or_phone": PHONE}]
)
def test_login_tells_the_schedule_to_the_right_password_alone(api, jane, leave, identifier):
    scheduled_at = leave(jane[1])["scheduled_at"]
    answer = api.post(LOGIN, {**identifier, "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "forbidden",
        "message": "The account is scheduled for deletion",
        "code": "account_deletion_pending",
        "scheduled_at": scheduled_at,
    }
    refused = api.post(LOGIN, {**identifier, "password": "wrong password"})
    nobody = {name: "+12025550199" if "+" in value else "nobody@example.com" for name, value in identifier.items()}
    stranger = api.post(LOGIN, {**nobody, "password": "wrong password"})
    assert (refused.status_code, refused.json()) == (stranger.status_code, stranger.json())
    assert refused.status_code == 401


@pytest.mark.parametrize("response", ["error", "challenge"])
def test_the_schedule_is_told_before_anything_is_asked_to_be_verified(api, verified, leave, configure, response):
    configure(LOGIN={"IDENTIFIER": "both", "UNVERIFIED_RESPONSE": response})
    _, token = verified(phone=PHONE)
    leave(token)
    answer = api.post(LOGIN, {"phone": PHONE, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "account_deletion_pending")


def test_a_deactivated_customer_is_refused_as_ever(api, leaving):
    leaving()
    get_user_model().objects.update(is_active=False)
    answer = api.post(LOGIN, CREDENTIALS)
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid email or password")


def test_the_login_stays_shut_when_the_day_has_passed_and_no_purge_has_run(api, leaving):
    leaving()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert api.post(LOGIN, CREDENTIALS).json()["code"] == "account_deletion_pending"


def test_otp_verify_proves_a_contact_but_gives_no_token(api, verified, leave, send_code, configure):
    configure(LOGIN={"IDENTIFIER": "both"})
    person, token = verified(phone=PHONE)
    leave(token)
    proof = {"token": send_code(person, "phone"), "code": last_code(PHONE)}
    body = api.post(f"{OTP}/verify", proof).json()
    assert (body["verified"], body["token"], body["needs_login"]) == (True, None, True)
    assert person.row.deletion_scheduled_at is not None


def test_a_password_reset_goes_through_but_opens_nothing(api, leaving, reset_link):
    jane = leaving()
    assert api.post(f"{LOGIN}/update", NEW_PASSWORD, token=reset_link()).json() == {"success": True}
    assert api.post(LOGIN, CREDENTIALS).status_code == 401
    assert api.post(LOGIN, {**CREDENTIALS, **NEW_PASSWORD}).json()["code"] == "account_deletion_pending"
    assert jane.request.status == "confirmed"


def test_registering_again_gives_no_way_in(api, leaving):
    leaving()
    answer = api.post(f"{LOGIN}/register", CREDENTIALS)
    assert (answer.status_code, answer.json()["message"]) == (401, "Identity with email already exists")


# Contacts


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=6), timedelta(days=30)])
def test_e18_nobody_can_register_the_address_while_the_account_is_there(api, jane, leave, after):
    leave(jane[1])
    with time_machine.travel(timezone.now() + after):
        answer = api.post(f"{LOGIN}/register", {**CREDENTIALS, **NEW_PASSWORD})
    assert answer.status_code == 401
    assert answer.json() == {"type": "unauthorized", "message": "Identity with email already exists"}


def test_e18_nobody_can_create_a_customer_with_the_number(api, jane, leave, register):
    leave(jane[1])
    answer = api.post("/store/customers", {"phone": PHONE}, token=register("joe@example.com"))
    assert (answer.status_code, answer.json()["type"]) == (422, "duplicate_error")
    assert answer.json()["message"] == "Customer with this phone already has an account"


@pytest.mark.parametrize(("kind", "value"), [("email", EMAIL), ("phone", PHONE)])
def test_e18_nobody_can_change_to_a_contact_of_theirs(api, jane, leave, verified, kind, value):
    leave(jane[1])
    _, joe = verified("joe@example.com")
    answer = api.post(CONTACT, {kind: value}, token=joe)
    assert (answer.status_code, list(answer.json())) == (200, ["token", "expires_at"])
    assert "for another account" in messages_to(value)[0]
    assert Customer.objects.get(**{kind: value}).pk == jane[0].id
