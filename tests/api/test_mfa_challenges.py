"""What a challenge takes: which token and method, how often, how long, and each time step once."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from customer_registration.flows.second_factor import authenticator
from customer_registration.models import Customer, OtpVerification, SecondFactor
from tests.conftest import wrong
from tests.second_steps import (
    EXCEEDED,
    FACTORS,
    ME,
    NOT_FOUND,
    WRONG,
    come_in,
    enable,
    enrol,
    ok,
    pending,
    show,
    with_app,
)

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.life_cycle]


# What a challenge takes


def test_a_challenge_is_over_once_it_is_answered(api, verified, clock):
    app = with_app(api, verified()[1])
    login = pending(api)
    ok(show(api, login, app.code()))
    clock.shift(30)
    answer = show(api, login, app.code())
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 401), (301, 401)])
def test_a_challenge_lasts_as_long_as_the_settings_say(api, verified, clock, seconds, status):
    app = with_app(api, verified()[1])
    login = pending(api)
    clock.shift(seconds)
    assert show(api, login, app.code()).status_code == status


def test_its_life_and_its_guesses_are_settings(api, verified, configure):
    configure(SECOND_FACTOR={"CHALLENGE_SECONDS": 60, "MAX_ATTEMPTS": 2})
    app = with_app(api, verified()[1])
    login = pending(api)
    assert datetime.fromisoformat(login.challenge["expires_at"]) == timezone.now() + timedelta(seconds=60)
    assert login.challenge["max_attempts"] == 2
    for left in (1, 0):
        answer = show(api, login, wrong(app.code()))
        assert (answer.status_code, answer.json()) == (400, {**WRONG, "attempts_remaining": left})
    answer = show(api, login, app.code())
    assert (answer.status_code, answer.json()) == (400, EXCEEDED)


def test_another_logins_challenge_and_an_unknown_one_are_not_found(api, verified):
    app = with_app(api, verified()[1])
    other_app = with_app(api, verified("other@example.com")[1])
    own, own_later, foreign = pending(api), pending(api), pending(api, "other@example.com")
    row_id = own.challenge["id"].removeprefix("authmfachal_")
    for path in (
        own_later.path,
        foreign.path,
        own.path.replace("authmfachal_", ""),
        own.path.replace(row_id, row_id.lower()),
        own.path.replace(row_id, "0" * 26),
        own.path.replace(row_id, f"{row_id}%00"),
    ):
        for code in (app.code(), other_app.code()):
            answer = api.post(path, {"method": "totp", "code": code}, token=own.token)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND), path
    assert OtpVerification.objects.filter(purpose="second_factor_challenge", attempts=0).count() == 3
    ok(show(api, own, app.code()))


def test_a_token_with_an_actor_answers_no_challenge(api, verified):
    _, bearer = verified()
    app = with_app(api, bearer)
    login = pending(api)
    answer = api.post(login.path, {"method": "totp", "code": app.code()}, token=bearer)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_method_that_it_does_not_have_is_invalid_and_no_guess(api, verified):
    with_app(api, verified()[1])
    login = pending(api)
    for method in ("otp", "recovery_code"):
        answer = show(api, login, "123456", method)
        assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
        assert answer.json()["message"] == (
            f"Invalid request: Expected: 'totp' for field 'method', but got: '{method}'"
        )
    assert OtpVerification.objects.get(purpose="second_factor_challenge").attempts == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"method": "totp"},
        {"code": "123456"},
        {"method": "sms", "code": "123456"},
        {"method": "totp", "code": ""},
        {"method": "totp", "code": None},
        {"method": "totp", "code": 123456},
        {"method": "totp", "code": ["123456"]},
        {"method": ["totp"], "code": "123456"},
        {"method": "totp", "code": "1" * 33},
        {"method": "totp", "code": "123456", "more": 1},
    ],
)
def test_bad_bodies_are_invalid_and_no_guess(api, verified, body):
    with_app(api, verified()[1])
    login = pending(api)
    answer = api.post(login.path, body, token=login.token)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert OtpVerification.objects.get(purpose="second_factor_challenge").attempts == 0


def test_five_wrong_codes_and_the_challenge_is_closed_for_the_right_one_too(api, verified):
    app = with_app(api, verified()[1])
    login = pending(api)
    for left in (4, 3, 2, 1, 0):
        answer = show(api, login, wrong(app.code()))
        assert (answer.status_code, answer.json()) == (400, {**WRONG, "attempts_remaining": left})
    answer = show(api.another(REMOTE_ADDR="192.0.2.1"), login, app.code())
    assert (answer.status_code, answer.json()) == (400, EXCEEDED)
    assert api.get(ME, token=login.token).status_code == 401


def test_ten_wrong_codes_a_day_and_a_right_password_gives_no_more(api, verified, clock):
    app = with_app(api, verified()[1])
    for _ in range(2):
        login = pending(api)
        for _ in range(5):
            assert show(api, login, wrong(app.code())).json()["code"] == "otp_invalid"
    for _ in range(3):
        login = pending(api)  # the password is right each time
        answer = show(api, login, app.code())
        assert (answer.status_code, answer.json()) == (400, EXCEEDED)
    assert OtpVerification.objects.filter(purpose="second_factor_challenge", attempts=0).count() == 3
    clock.shift(timedelta(minutes=16))
    assert show(api, pending(api), app.code()).status_code == 200, "one guess each 15 minutes"


def test_a_right_factor_gives_the_wrong_codes_back(api, verified, clock):
    app = with_app(api, verified()[1])
    for _ in range(3):
        login = pending(api)
        for _ in range(4):
            assert show(api, login, wrong(app.code())).status_code == 400
        ok(show(api, login, app.code()))
        clock.shift(30)


def test_with_the_limits_off_a_challenge_still_counts(api, verified, configure):
    configure(RATE_LIMITS={"ENABLED": False})
    app = with_app(api, verified()[1])
    login = pending(api)
    for _ in range(5):
        assert show(api, login, wrong(app.code())).status_code == 400
    assert show(api, login, app.code()).json() == EXCEEDED


# Steps


def test_the_step_of_the_enrolment_is_refused_at_the_login(api, verified):
    _, bearer = verified()
    app = enrol(api, bearer)
    code = app.code()
    enable(api, bearer, app.factor_id, code)
    answer = show(api, pending(api), code)
    assert (answer.status_code, answer.json()) == (400, {**WRONG, "attempts_remaining": 4})


def test_a_step_serves_one_login_in_whatever_form_it_is_typed(api, verified, clock):
    app = with_app(api, verified()[1])
    code = app.code()
    come_in(api, code)
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    arabic = "".join(chr(ord(digit) - ord("0") + 0x0660) for digit in code)
    for form in (code, f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}", full_width, arabic):
        assert show(api, pending(api), form).json()["code"] == "otp_invalid"
    assert show(api, pending(api), app.code(steps=-1)).status_code == 400, "nor one before it"
    assert show(api, pending(api), app.code(steps=1)).status_code == 200


@pytest.mark.parametrize("write", ["{0} {1}", " {0}-{1}\t", "full-width", "Arabic", "Devanagari"])
def test_a_code_is_taken_in_whatever_form_it_is_typed(api, verified, write):
    app = with_app(api, verified()[1])
    code = app.code()
    zero = {"full-width": 0xFF10, "Arabic": 0x0660, "Devanagari": 0x0966}.get(write)
    typed = "".join(chr(zero + int(digit)) for digit in code) if zero else write.format(code[:3], code[3:])
    assert show(api, pending(api), typed).status_code == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 400), (-1, 200), (0, 200), (1, 200), (2, 400)])
def test_a_clock_may_be_one_step_off(api, verified, clock, steps, status):
    app = with_app(api, verified()[1])
    clock.shift(300)
    assert show(api, pending(api), app.code(steps=steps)).status_code == status


def test_a_code_of_somebody_elses_app_is_wrong(api, verified):
    with_app(api, verified()[1])
    other = with_app(api, verified("other@example.com")[1])
    assert show(api, pending(api), other.code()).status_code == 400


def test_a_code_to_the_contact_is_no_code_of_the_app(api, verified, send_code, clock):
    """Row C8: a code of one purpose is refused at another."""
    person, bearer = verified()
    with_app(api, bearer)
    clock.shift(91)
    Customer.objects.update(email_verified_at=None)
    send_code(person)
    Customer.objects.update(email_verified_at=timezone.now())
    code = OtpVerification.objects.filter(purpose="email_verification").latest("pk").code()
    assert show(api, pending(api), code).status_code == 400


def test_after_a_key_rotation_with_fallback_the_app_still_works(api, verified, settings):
    app = with_app(api, verified()[1])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 5
    ok(show(api, pending(api), app.code()))


def test_after_a_key_change_without_fallback_its_codes_are_wrong_and_the_log_says_why(api, verified, settings, caplog):
    app = with_app(api, verified()[1])
    settings.SECRET_KEY = "another key" * 5
    answer = show(api, pending(api), app.code())
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert "cannot be decrypted" in caplog.text


def test_without_the_libraries_nothing_is_a_guess_of_the_persons(api, verified, monkeypatch):
    _, jane = verified()
    app, real = with_app(api, jane), authenticator.find_spec
    monkeypatch.setattr(authenticator, "find_spec", lambda name: None if name == "pyotp" else real(name))
    proof = {"method": "totp", "code": app.code()}
    for _ in range(11):
        login = pending(api)
        assert show(api, login, app.code()).json()["code"] == "factor_unavailable"
        answer = api.request("delete", f"{FACTORS}/{app.factor_id}", proof, token=jane)
        assert answer.json()["code"] == "factor_unavailable"
    monkeypatch.setattr(authenticator, "find_spec", real)
    ok(show(api, login, app.code()))


def test_without_the_libraries_the_first_code_is_no_guess(api, verified, monkeypatch):
    _, jane = verified()
    app, real = enrol(api, jane), authenticator.find_spec
    path = f"{FACTORS}/{app.factor_id}/verify"
    monkeypatch.setattr(authenticator, "find_spec", lambda name: None if name == "pyotp" else real(name))
    for _ in range(11):
        assert api.post(path, {"code": app.code()}, token=jane).json()["code"] == "factor_unavailable"
    monkeypatch.setattr(authenticator, "find_spec", real)
    ok(api.post(path, {"code": app.code()}, token=jane))


def test_after_a_key_rotation_a_shown_app_needs_the_fallback_no_more(api, verified, settings, clock):
    app = with_app(api, verified()[1])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 5
    ok(show(api, pending(api), app.code()))
    settings.SECRET_KEY_FALLBACKS = []
    clock.shift(30)
    ok(show(api, pending(api), app.code()))


def test_an_app_that_is_taken_away_this_very_moment_proves_nothing_and_gets_no_secret_back(api, verified, monkeypatch):
    app = with_app(api, verified()[1])
    login, real = pending(api), authenticator.renewed

    def gone_first(sealed):
        SecondFactor.objects.update(status="disabled", enabled_key=None, secret="")
        return real(sealed)

    monkeypatch.setattr(authenticator, "renewed", gone_first)
    assert show(api, login, app.code()).json()["code"] == "otp_invalid"
    assert SecondFactor.objects.get().secret == ""
