"""DELETE /auth/mfa/factors/{id}: with a second factor shown a moment ago, or a code; a pending one with nothing."""

import pytest
from django.utils import timezone

from customer_registration.flows.second_factor import removal
from customer_registration.models import AccountEvent, Customer, OtpVerification, RecoveryCode, SecondFactor
from tests.conftest import PASSWORD, last_code, wrong
from tests.second_steps import (
    AGAIN,
    EXCEEDED,
    FACTORS,
    JANE,
    LOGIN,
    PHONE,
    REFRESH,
    WRONG,
    come_in,
    enable,
    enrol,
    ok,
    pending,
    recovery_codes,
    show,
    with_app,
)

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def jane(verified):
    """A customer who is logged in by password alone."""
    return verified()[1]


@pytest.fixture
def remove(api):
    """Ask for the removal of a factor; return the answer."""
    return lambda factor_id, token, **body: api.request("delete", f"{FACTORS}/{factor_id}", body or None, token=token)


def state():
    """Return what a removal could have changed."""
    return (
        list(SecondFactor.objects.values_list("status", flat=True)),
        Customer.objects.get().has_second_factor,
        AccountEvent.objects.filter(kind="factor_removed").count(),
    )


IN_FORCE = (["enabled"], True, 0)
GONE = (["disabled"], False, 1)


def test_a_pending_one_goes_with_no_proof_and_no_trace(jane, api, remove):
    app = enrol(api, jane)
    factor = ok(remove(app.factor_id, jane))["mfa_factor"]
    assert (factor["id"], factor["status"]) == (app.factor_id, "disabled")
    assert state() == (["disabled"], False, 0)
    assert SecondFactor.objects.get().secret == ""


def test_one_in_force_does_not_go_by_a_session_alone(jane, api, remove):
    app = with_app(api, jane)
    for body in ({}, {"method": "totp"}, {"code": app.code()}, {"method": None, "code": None}, {"code": ""}):
        answer = remove(app.factor_id, jane, **body)
        assert (answer.status_code, answer.json()) == (403, AGAIN)
    assert state() == IN_FORCE


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (599, 200), (600, 403), (601, 403)])
def test_a_factor_shown_within_ten_minutes_is_proof(jane, api, remove, clock, seconds, status):
    app = with_app(api, jane)
    token = come_in(api, app.code())
    clock.shift(seconds)
    assert remove(app.factor_id, token).status_code == status
    assert state() == (GONE if status == 200 else IN_FORCE)


def test_a_refresh_does_not_renew_the_proof(jane, api, remove, clock):
    app = with_app(api, jane)
    token = come_in(api, app.code())
    clock.shift(599)
    token = ok(api.post(REFRESH, token=token))["token"]
    clock.shift(1)
    assert remove(app.factor_id, token).json() == AGAIN


def test_a_code_is_proof_and_is_used_up(jane, api, remove):
    app = with_app(api, jane)
    factor = ok(remove(app.factor_id, jane, method="totp", code=app.code()))["mfa_factor"]
    assert (factor["provider"], factor["status"]) == ("totp", "disabled")
    assert state() == GONE
    row = SecondFactor.objects.get()
    assert (row.secret, row.enabled_key) == ("", None)
    assert list(ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD}))) == ["token"]


def test_a_wrong_code_is_none_and_counts(jane, api, remove):
    app = with_app(api, jane)
    for _ in range(10):
        answer = remove(app.factor_id, jane, method="totp", code=wrong(app.code()))
        assert (answer.status_code, answer.json()) == (400, WRONG)
    answer = remove(app.factor_id, jane, method="totp", code=app.code())
    assert (answer.status_code, answer.json()) == (400, EXCEEDED)
    assert state() == IN_FORCE
    assert show(api, pending(api), app.code()).json() == EXCEEDED, "the guesses are the person's, not the route's"


def test_a_step_that_logged_in_is_no_proof(jane, api, remove):
    app = with_app(api, jane)
    come_in(api, app.code())
    assert remove(app.factor_id, jane, method="totp", code=app.code()).json() == WRONG


def test_a_recovery_code_is_proof_once(jane, api, remove, clock):
    app = with_app(api, jane)
    token = come_in(api, app.code())
    made = recovery_codes(api, token)
    clock.shift(600)
    assert recovery_codes(api, token, method="recovery_code", code=made[0]), "and makes a new set"
    answer = remove(app.factor_id, token, method="recovery_code", code=made[1])
    assert answer.json() == WRONG
    fresh = recovery_codes(api, token, method="totp", code=app.code())
    ok(remove(app.factor_id, token, method="recovery_code", code=fresh[0]))
    assert not RecoveryCode.objects.exists()


def test_a_code_that_was_sent_is_proof_once(api, verified, prove, remove, clock):
    person, jane = verified(phone=PHONE)
    prove(person, "phone")
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    enable(api, jane, made, last_code(PHONE))
    assert remove(made, jane, method="otp", code=last_code(PHONE)).json() == WRONG
    clock.shift(61)
    pending(api)
    ok(remove(made, jane, method="otp", code=last_code(PHONE)))
    newest = OtpVerification.objects.filter(purpose="second_factor").latest("pk")
    assert (newest.consumed_at, newest.attempts) == (timezone.now(), 1)


@pytest.mark.parametrize("method", ["otp", "recovery_code"])
def test_a_method_that_the_person_does_not_have_is_invalid(jane, api, remove, method):
    app = with_app(api, jane)
    answer = remove(app.factor_id, jane, method=method, code="123456")
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert state() == IN_FORCE


@pytest.mark.parametrize(
    "body",
    [{"method": "sms", "code": "1"}, {"method": "totp", "code": 123456}, {"code": "1" * 33}, {"password": PASSWORD}],
)
def test_bad_bodies_are_invalid(jane, api, remove, body):
    app = with_app(api, jane)
    answer = remove(app.factor_id, jane, **body)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert state() == IN_FORCE


def test_with_another_one_left_the_login_still_asks_and_the_codes_stay(api, verified, prove, remove, clock):
    person, jane = verified(phone=PHONE)
    prove(person, "phone")
    app = with_app(api, jane)
    by_phone = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    enable(api, jane, by_phone, last_code(PHONE))
    clock.shift(61)
    token = come_in(api, app.code())
    recovery_codes(api, token, count=2)
    ok(remove(app.factor_id, token))
    assert Customer.objects.get().has_second_factor is True
    assert pending(api).challenge["methods"] == ["otp", "recovery_code"]
    ok(remove(by_phone, token))
    assert Customer.objects.get().has_second_factor is False
    assert not RecoveryCode.objects.exists()
    assert list(ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD}))) == ["token"]


def test_the_last_ones_challenges_cannot_be_answered_any_more(jane, api, remove):
    app = with_app(api, jane)
    login = pending(api)
    token = come_in(api, app.code())
    ok(remove(app.factor_id, token))
    assert show(api, login, app.code(steps=1)).json()["code"] == "otp_invalid"


def test_one_that_is_gone_is_answered_as_it_is(jane, api, remove):
    app = with_app(api, jane)
    token = come_in(api, app.code())
    first = ok(remove(app.factor_id, token))
    assert ok(remove(app.factor_id, token)) == first
    assert state() == GONE


def test_it_can_be_set_up_anew_afterwards(jane, api, remove, clock):
    app = with_app(api, jane)
    token = come_in(api, app.code())
    ok(remove(app.factor_id, token))
    clock.shift(30)
    fresh = with_app(api, token)
    assert fresh.seed != app.seed
    assert sorted(SecondFactor.objects.values_list("status", flat=True)) == ["disabled", "enabled"]
    assert show(api, pending(api), app.code()).status_code == 400, "the old app is worth nothing"
    ok(show(api, pending(api), fresh.code()))


def test_a_pending_one_that_comes_into_force_meanwhile_stays(jane, api, remove, monkeypatch):
    """Race: what needs no proof must not take away what needs one."""
    app = enrol(api, jane)
    real = removal.disable

    def enabled_first(factor, *, now):
        monkeypatch.setattr(removal, "disable", real)
        enable(api, jane, app.factor_id, app.code())
        return real(factor, now=now)

    monkeypatch.setattr(removal, "disable", enabled_first)
    answer = remove(app.factor_id, jane)
    assert (answer.status_code, answer.json()) == (403, AGAIN)
    assert state() == IN_FORCE


def test_a_session_that_was_ended_meanwhile_removes_nothing_and_uses_no_code_up(jane, api, remove, monkeypatch):
    app = with_app(api, jane)
    real = removal.disable

    def end_first(factor, *, now):
        Customer.objects.update(token_epoch=7)
        return real(factor, now=now)

    monkeypatch.setattr(removal, "disable", end_first)
    code = app.code()
    answer = remove(app.factor_id, jane, method="totp", code=code)
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid token")
    assert state() == IN_FORCE
    ok(show(api, pending(api), code))
