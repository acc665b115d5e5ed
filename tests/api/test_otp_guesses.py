"""Guesses at one-time codes: counted, capped, inherited, and forgiven."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import OtpVerification
from tests.conftest import last_code, messages_to, wrong

SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
NOBODY = "cus_01ARZ3NDEKTSV4RRFFQ69G5FAV"
pytestmark = pytest.mark.life_cycle


def ask(api, customer_id, kind="email_verification"):
    return api.post(SEND, {"customer_id": customer_id, "type": kind})


def test_c1_a_code_works_once(api, sign_up, send_code):
    token = send_code(sign_up())
    body = {"token": token, "code": last_code("jane@example.com")}
    assert api.post(VERIFY, body).status_code == 200
    again = api.post(VERIFY, body)
    assert again.status_code == 400
    assert again.json() == {
        "type": "invalid_data",
        "code": "otp_invalid",
        "message": "Invalid code",
        "attempts_remaining": 0,
    }


def test_c2_five_guesses_then_the_right_code_is_refused_too(api, sign_up, send_code):
    token, code = send_code(sign_up()), last_code("jane@example.com")
    guesses = [api.post(VERIFY, {"token": token, "code": wrong(code)}).json() for _ in range(5)]
    assert [guess["attempts_remaining"] for guess in guesses] == [4, 3, 2, 1, 0]
    assert {guess["code"] for guess in guesses} == {"otp_invalid"}
    for typed in (wrong(code), code):
        answer = api.post(VERIFY, {"token": token, "code": typed})
        assert (answer.status_code, answer.json()["code"]) == (400, "otp_attempts_exceeded")
    assert OtpVerification.objects.get().attempts == 5


def test_an_expired_code_says_so(api, sign_up, send_code):
    token, code = send_code(sign_up()), last_code("jane@example.com")
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        answer = api.post(VERIFY, {"token": token, "code": code})
    assert (answer.status_code, answer.json()["code"], answer.json()["type"]) == (400, "otp_expired", "invalid_data")


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_code_is_valid_until_its_last_second(api, sign_up, send_code, seconds, status):
    token, code = send_code(sign_up()), last_code("jane@example.com")
    with time_machine.travel(OtpVerification.objects.get().expires_at + timedelta(seconds=seconds), tick=False):
        assert api.post(VERIFY, {"token": token, "code": code}).status_code == status


def test_a_newer_code_replaces_the_older_one(api, sign_up, send_code):
    person = sign_up()
    first, first_code = send_code(person), last_code(person.email)
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        second, second_code = send_code(person), last_code(person.email)
        assert api.post(VERIFY, {"token": first, "code": first_code}).json()["code"] == "otp_invalid"
        assert api.post(VERIFY, {"token": first, "code": second_code}).json()["code"] == "otp_invalid"
        assert api.post(VERIFY, {"token": second, "code": second_code}).status_code == 200


def test_c5_a_newer_code_starts_with_the_older_ones_guesses(api, sign_up, send_code):
    person = sign_up()
    token = send_code(person)
    for _ in range(4):
        api.post(VERIFY, {"token": token, "code": wrong(last_code(person.email))})
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        token = send_code(person)
        guess = api.post(VERIFY, {"token": token, "code": wrong(last_code(person.email))})
        assert guess.json()["attempts_remaining"] == 0
        answer = api.post(VERIFY, {"token": token, "code": last_code(person.email)})
        assert answer.json()["code"] == "otp_attempts_exceeded"


def test_a_code_that_was_not_sent_does_not_stand_in_the_way_of_one_that_is(api, sign_up):
    person = sign_up()
    users = get_user_model().objects
    users.update(is_active=False)
    assert ask(api, person.id).status_code == 200
    assert messages_to(person.email) == []
    users.update(is_active=True)
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        flow = ask(api, person.id).json()["token"]
        assert api.post(VERIFY, {"token": flow, "code": last_code(person.email)}).status_code == 200


def test_an_expired_codes_guesses_are_forgiven_but_the_daily_cap_holds(api, sign_up, send_code):
    person, start = sign_up(), timezone.now()
    compared = 0
    for turn in range(3):
        with time_machine.travel(start + timedelta(minutes=16 * turn)):
            token = send_code(person)
            code = last_code(person.email)
            for _ in range(5):
                answer = api.post(VERIFY, {"token": token, "code": wrong(code)}).json()
                compared += answer["code"] == "otp_invalid"
            if turn == 2:
                assert api.post(VERIFY, {"token": token, "code": code}).json()["code"] == "otp_attempts_exceeded"
    assert compared == 11  # ten a day, then one per quarter of an hour


def test_a_login_clears_the_daily_cap_and_a_refused_one_does_not(api, configure, sign_up, send_code):
    configure(OTP={"MAX_ATTEMPTS": 10})
    person, login = sign_up(), {"email": "jane@example.com", "password": "correct horse battery"}
    token = send_code(person)
    for _ in range(10):
        api.post(VERIFY, {"token": token, "code": wrong(last_code(person.email))})
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        token = send_code(person)
        body = {"token": token, "code": last_code(person.email)}
        assert api.post("/auth/customer/emailpass", login).status_code == 403
        assert api.post(VERIFY, body).json()["code"] == "otp_attempts_exceeded"
        configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
        assert api.post("/auth/customer/emailpass", login).status_code == 200
        OtpVerification.objects.update(attempts=0)  # the code's own guesses are another counter
        assert api.post(VERIFY, body).status_code == 200


def test_c4_a_claim_made_anew_brings_no_new_guesses(api, configure, sign_up, send_code):
    compared, start = 0, timezone.now()
    for turn in range(5):
        with time_machine.travel(start + timedelta(minutes=16 * turn)):
            person = sign_up(password=f"password of turn {turn}")
            body = {"token": send_code(person), "code": wrong(last_code(person.email))}
            compared += sum(api.post(VERIFY, body).json()["code"] == "otp_invalid" for _ in range(5))
    assert compared == 10 + 3  # ten a day, then one per quarter of an hour


def test_a_limiter_that_dies_after_the_proof_does_not_lose_it(api, sign_up, send_code, monkeypatch):
    from customer_registration.exceptions import LimiterUnavailable
    from customer_registration.ratelimits import GuessBudget

    def dead(self):
        raise LimiterUnavailable

    token = send_code(sign_up())
    monkeypatch.setattr(GuessBudget, "clear", dead)
    assert api.post(VERIFY, {"token": token, "code": last_code("jane@example.com")}).status_code == 200


def test_resending_inside_the_throttle_is_429_for_known_and_unknown(api, sign_up):
    for customer_id in (sign_up().id, NOBODY):
        assert ask(api, customer_id).status_code == 200
        again = ask(api, customer_id)
        assert again.status_code == 429
        assert again.json() == {"type": "too_many_requests", "message": "Too many requests", "code": "throttled"}
        assert 88 <= int(again.headers["Retry-After"]) <= 90
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        assert ask(api, NOBODY).status_code == 200


def test_a_throttle_of_zero_is_none(api, configure, sign_up):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    person = sign_up()
    assert [ask(api, person.id).status_code for _ in range(3)] == [200] * 3


def test_five_codes_an_hour_to_one_recipient(api, configure, sign_up):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    person = sign_up()
    assert [ask(api, person.id).status_code for _ in range(6)] == [200] * 5 + [429]
    assert ask(api, sign_up("other@example.com").id).status_code == 200


def test_a_throttled_send_does_not_use_up_the_hours_five(api, sign_up):
    person = sign_up()
    ask(api, person.id)
    for _ in range(10):
        ask(api, person.id)
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        assert ask(api, person.id).status_code == 200
