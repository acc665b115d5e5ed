"""A stranger can neither kill the code that keeps an account nor keep its owner from asking for one."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.models import OtpVerification, SendSlot
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, EMAIL, PHONE

LOGIN = "/auth/customer/emailpass"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def unhurried(configure):
    """Let nobody wait for the next code; the limits are as they come."""
    throttle = {"RESEND_THROTTLE_SECONDS": 0}
    configure(EMAIL_VERIFICATION=throttle, PHONE_VERIFICATION=throttle)


@pytest.fixture
def stranger(api):
    """Somebody at another address, who knows no more than the contact."""
    return api.another(REMOTE_ADDR="203.0.113.9")


def log_in(api, **credentials):
    """Log in as somebody who is leaving, and return the code of the refusal."""
    answer = api.post(LOGIN, {**CREDENTIALS, **credentials})
    return answer.status_code, answer.json().get("code")


def guess(api, proof, times=1):
    """Enter wrong codes; return what the answers say is left."""
    answers = [api.post(CANCEL_CONFIRM, {**proof, "code": wrong(proof["code"])}) for _ in range(times)]
    return [answer.json().get("attempts_remaining") for answer in answers]


# Codes side by side


@pytest.mark.parametrize("used", [0, 1, 2])
def test_c1_every_code_that_is_alive_keeps_the_account(api, leaving, ask_to_stay, unhurried, used):
    jane = leaving()
    proofs = [{"token": ask_to_stay(), "code": last_code(EMAIL)} for _ in range(3)]
    assert api.post(CANCEL_CONFIRM, proofs[used]).status_code == 200
    assert jane.request.status == "cancelled"
    for proof in proofs:
        assert api.post(CANCEL_CONFIRM, proof).status_code == 400


def test_a_newer_code_neither_ends_the_older_one_nor_makes_it_live_longer(api, leaving, ask_to_stay):
    leaving()
    start = timezone.now()
    first = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    with time_machine.travel(start + timedelta(minutes=10)):
        second = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    with time_machine.travel(start + timedelta(minutes=15, seconds=1)):
        assert api.post(CANCEL_CONFIRM, first).json()["code"] == "otp_expired"
        assert api.post(CANCEL_CONFIRM, second).status_code == 200


def test_c5_a_newer_code_begins_with_guesses_of_its_own_and_takes_none_of_the_older(
    api, leaving, ask_to_stay, unhurried
):
    leaving()
    first = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert guess(api, first, 2) == [4, 3]
    second = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert guess(api, second) == [4]
    assert guess(api, first) == [2]
    assert {row.attempts for row in OtpVerification.objects.filter(purpose="account_deletion_cancel")} == {3, 1}


def test_c5_the_cap_of_the_family_stands_above_all_codes(api, leaving, ask_to_stay, unhurried):
    jane = leaving()
    proofs = [{"token": ask_to_stay(), "code": last_code(EMAIL)} for _ in range(3)]
    with time_machine.travel(timezone.now(), tick=False):
        assert [guess(api, proof, 5) for proof in proofs[:2]] == [[4, 3, 2, 1, 0]] * 2
        answer = api.post(CANCEL_CONFIRM, proofs[2])
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_attempts_exceeded")
    assert jane.request.status == "confirmed"


@pytest.mark.parametrize("asked_by", ["the same person", "nobody"])
def test_rule_4_the_codes_of_somebody_and_of_nobody_are_answered_alike(api, leaving, unhurried, asked_by):
    leaving()
    contact = {"email": EMAIL if asked_by == "the same person" else "nobody@example.com"}
    proofs = []
    for _ in range(2):
        token = api.post(CANCEL_REQUEST, contact).json()["token"]
        proofs.append({"token": token, "code": OtpVerification.objects.latest("pk").code()})
    assert [guess(api, proof) for proof in (*proofs, proofs[0])] == [[4], [4], [3]]


def test_a_stranger_who_asks_on_and_on_does_not_kill_the_owners_code(api, leaving, ask_to_stay, stranger):
    leaving()
    start = timezone.now()
    mine = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    for step in range(1, 5):
        with time_machine.travel(start + timedelta(seconds=100 * step)):
            assert stranger.post(CANCEL_REQUEST, {"email": EMAIL}).status_code == 200
    with time_machine.travel(start + timedelta(minutes=14)):
        assert api.post(CANCEL_CONFIRM, mine).status_code == 200


# A login that forgives


def test_c14_a_stranger_who_uses_up_the_codes_of_an_hour_does_not_keep_the_owner_from_staying(
    api, leaving, stranger, unhurried
):
    jane = leaving()
    assert [stranger.post(CANCEL_REQUEST, {"email": EMAIL}).status_code for _ in range(6)] == [200] * 5 + [429]
    assert api.post(CANCEL_REQUEST, {"email": EMAIL}).status_code == 429
    assert log_in(api) == (403, "account_deletion_pending")
    answer = api.post(CANCEL_REQUEST, {"email": EMAIL})
    assert answer.status_code == 200
    proof = {"token": answer.json()["token"], "code": last_code(EMAIL)}
    assert api.post(CANCEL_CONFIRM, proof).status_code == 200
    assert jane.request.status == "cancelled"


def test_after_it_nobody_waits_for_the_throttle_either(api, leaving, stranger, ask_to_stay):
    leaving()
    stranger.post(CANCEL_REQUEST, {"email": EMAIL})
    assert api.post(CANCEL_REQUEST, {"email": EMAIL}).status_code == 429
    slots = SendSlot.objects.count()
    assert log_in(api) == (403, "account_deletion_pending")
    assert SendSlot.objects.count() == slots - 1
    proof = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert api.post(CANCEL_CONFIRM, proof).status_code == 200


def test_c14_a_stranger_who_uses_up_the_guesses_does_not_either(api, leaving, stranger, ask_to_stay, unhurried):
    leaving()
    for _ in range(3):
        token = stranger.post(CANCEL_REQUEST, {"email": EMAIL}).json()["token"]
        guess(stranger, {"token": token, "code": "x"}, 5)
    mine = {"token": ask_to_stay(), "code": last_code(EMAIL)}
    assert api.post(CANCEL_CONFIRM, mine).json()["code"] == "otp_attempts_exceeded"
    assert log_in(api) == (403, "account_deletion_pending")
    assert api.post(CANCEL_CONFIRM, mine).status_code == 200


def test_it_forgives_by_the_contact_that_one_logs_in_with(api, configure, sign_up_by_phone, leave, stay, unhurried):
    leave(sign_up_by_phone(), PHONE)
    assert [api.post(CANCEL_REQUEST, {"phone": PHONE}).status_code for _ in range(6)] == [200] * 5 + [429]
    answer = api.post(LOGIN, {"phone": PHONE, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "account_deletion_pending")
    assert stay(phone=PHONE)["status"] == "cancelled"


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_forgives_nothing(api, leaving, unhurried, password):
    leaving()
    for _ in range(6):
        api.post(CANCEL_REQUEST, {"email": EMAIL})
    assert log_in(api, password=password)[0] in (400, 401)
    assert api.post(CANCEL_REQUEST, {"email": EMAIL}).status_code == 429


def test_it_forgives_nobody_else(api, leaving, unhurried):
    leaving()
    leaving("joe@example.com")
    for _ in range(6):
        api.post(CANCEL_REQUEST, {"email": "joe@example.com"})
    assert log_in(api) == (403, "account_deletion_pending")
    assert api.post(CANCEL_REQUEST, {"email": "joe@example.com"}).status_code == 429


def test_it_does_not_forgive_an_address_on_the_net(api, leaving, configure, unhurried):
    leaving()
    configure(RATE_LIMITS={"RULES": {"account_deletion": "5/h/key,6/h/ip"}})
    for number in range(6):
        api.post(CANCEL_REQUEST, {"email": f"person{number}@example.com"})
    assert log_in(api) == (403, "account_deletion_pending")
    assert api.post(CANCEL_REQUEST, {"email": EMAIL}).status_code == 429


def test_it_does_not_free_the_code_to_leave_from_its_throttle(verified, ask_to_leave, leave, api):
    """What strangers cannot ask for, they cannot use up."""
    _, token = verified()
    leave(token)
    kept = set(SendSlot.objects.values_list("pk", flat=True))
    assert log_in(api) == (403, "account_deletion_pending")
    assert set(SendSlot.objects.values_list("pk", flat=True)) == kept


def test_without_limits_it_asks_no_store(api, leaving, configure):
    leaving()
    configure(RATE_LIMITS={"ENABLED": False, "STORAGE_URI": "redis://127.0.0.1:1"})
    assert log_in(api) == (403, "account_deletion_pending")


# Who is told


def test_a_thief_who_adds_an_address_of_his_own_is_not_the_only_one_told(
    api, sign_up_by_phone, change_contact, ask_to_leave, stay, configure
):
    configure(LOGIN={"IDENTIFIER": "both"})
    stolen = change_contact(sign_up_by_phone(), email="thief@example.net")
    flow = ask_to_leave(stolen)
    assert not [text for text in messages_to(PHONE) if "delete your account" in text]
    answer = api.post(CONFIRM, {"token": flow, "code": last_code("thief@example.net")})
    assert answer.status_code == 200, answer.content
    for contact in ("thief@example.net", PHONE):
        assert "Your account will be deleted on" in messages_to(contact)[0]
    assert stay(phone=PHONE)["status"] == "cancelled"
    for contact in ("thief@example.net", PHONE):
        assert "You can log in again." in messages_to(contact)[0]
