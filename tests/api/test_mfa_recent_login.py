"""Who may set a factor up: who has proven an address, and just logged in, or shown the factor that is in force."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customer_registration.models import Customer, SecondFactor
from tests.conftest import PASSWORD, last_code
from tests.second_steps import (
    AGAIN,
    FACTORS,
    JANE,
    LOGIN,
    PHONE,
    REFRESH,
    UNHURRIED,
    Pending,
    come_in,
    enable,
    enrol,
    ok,
    pending,
    show,
    with_app,
)

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def jane(api, verified, prove, configure):
    """A customer whose e-mail and phone are proven, logged in by password just now; return the token."""
    configure(**UNHURRIED)
    person, _ = verified(phone=PHONE)
    prove(person, "phone")
    return log_in(api)


def log_in(api):
    """Log in where nothing but the password is asked for."""
    return ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD}))["token"]


def by_phone(api, token):
    """Set codes to the phone up; return the factor's id."""
    return ok(api.post(FACTORS, {"provider": "otp"}, token=token))["mfa_factor"]["id"]


@pytest.mark.parametrize("provider", ["totp", "otp"])
@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 403)])
def test_the_first_one_is_set_up_within_ten_minutes_of_the_login(api, jane, clock, provider, seconds, status):
    clock.shift(seconds)
    answer = api.post(FACTORS, {"provider": provider}, token=jane)
    assert answer.status_code == status
    assert SecondFactor.objects.count() == (status == 200)
    assert status == 200 or answer.json() == AGAIN


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 403)])
def test_and_put_in_force_within_ten_minutes_of_it(api, jane, clock, seconds, status):
    app = enrol(api, jane)
    clock.shift(seconds)
    answer = api.post(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane)
    assert answer.status_code == status
    assert Customer.objects.get().has_second_factor is (status == 200)
    assert status == 200 or answer.json() == AGAIN


def test_a_refresh_makes_the_login_no_younger(api, jane, clock):
    clock.shift(599)
    renewed = ok(api.post(REFRESH, token=jane))["token"]
    clock.shift(1)
    assert api.post(FACTORS, {"provider": "totp"}, token=renewed).json() == AGAIN


def test_what_is_refused_is_no_guess(api, jane, clock):
    app = enrol(api, jane)
    clock.shift(600)
    for _ in range(11):
        answer = api.post(f"{FACTORS}/{app.factor_id}/verify", {"code": app.code()}, token=jane)
        assert answer.json() == AGAIN
    enable(api, log_in(api), app.factor_id, app.code())


@pytest.mark.parametrize("provider", ["totp", "otp"])
def test_nobody_puts_a_factor_on_an_address_that_they_have_not_proven(api, sign_up, configure, provider):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    sign_up()
    answer = api.post(FACTORS, {"provider": provider}, token=log_in(api))
    assert (answer.status_code, answer.json()["code"]) == (400, "factor_unavailable")
    assert not SecondFactor.objects.exists()


def test_two_are_set_up_in_one_sitting(api, jane, clock):
    with_app(api, jane)
    clock.shift(60)
    enable(api, jane, by_phone(api, jane), last_code(PHONE))
    assert SecondFactor.objects.enabled().count() == 2


def test_beside_one_in_force_a_password_is_not_enough(api, jane):
    """A login of the moment that shows none, as one under way when the first one came: it cannot add its own."""
    with_app(api, jane)
    made = by_phone(api, jane)
    code = last_code(PHONE)
    SecondFactor.objects.filter(provider="totp").update(enabled_at=timezone.now() - timedelta(seconds=600))
    for path, body in ((FACTORS, {"provider": "otp"}), (f"{FACTORS}/{made}/verify", {"code": code})):
        answer = api.post(path, body, token=jane)
        assert (answer.status_code, answer.json()) == (403, AGAIN)
    SecondFactor.objects.filter(provider="totp").update(enabled_at=timezone.now() - timedelta(seconds=599))
    enable(api, jane, made, code)


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 403)])
def test_beside_one_in_force_that_one_is_shown_within_ten_minutes(api, jane, clock, seconds, status):
    app = with_app(api, jane)
    clock.shift(3600)
    token = come_in(api, app.code())
    clock.shift(seconds)
    assert api.post(FACTORS, {"provider": "otp"}, token=token).status_code == status


def test_shown_after_a_refresh_of_an_old_login_it_will_do(api, jane, clock):
    app = with_app(api, jane)
    clock.shift(3600)
    asked = ok(api.post(REFRESH, token=jane))
    token = ok(show(api, Pending(asked["token"], asked["mfa_challenge"]), app.code()))["token"]
    enable(api, token, by_phone(api, token), last_code(PHONE))


def test_a_code_of_the_second_step_for_everybody_is_no_factor_that_was_shown(api, jane, configure):
    """Whoever reads the mail, and has the password, must not pass for the owner of an app that was enrolled since."""
    configure(LOGIN={"SECOND_STEP": "otp"})
    thief = ok(show(api, pending(api), last_code(JANE), "otp"))["token"]
    app = with_app(api, jane)
    answer = ok(api.post(REFRESH, token=thief))
    assert (answer["mfa_required"], answer["mfa_challenge"]["methods"]) == (True, ["totp"])
    assert api.request("delete", f"{FACTORS}/{app.factor_id}", token=thief).json() == AGAIN
    assert api.post("/auth/mfa/recovery-codes", token=thief).json() == AGAIN
    assert SecondFactor.objects.enabled().count() == 1


def test_nor_is_a_changed_password_answered_with_a_new_token_for_it(api, jane, configure):
    configure(LOGIN={"SECOND_STEP": "otp"})
    thief = ok(show(api, pending(api), last_code(JANE), "otp"))["token"]
    with_app(api, jane)
    body = {"old_password": PASSWORD, "password": "another " + PASSWORD}
    answer = ok(api.post("/store/customers/me/password", body, token=thief))
    assert answer == {"token": None}


def test_nor_is_a_code_of_before_an_answer_to_the_challenge_of_before(api, jane, configure):
    """The challenge still lists codes; the app that was enrolled since is what is asked for."""
    configure(LOGIN={"SECOND_STEP": "otp"})
    login = pending(api)
    code = last_code(JANE)
    with_app(api, jane)
    assert show(api, login, code, "otp").json()["code"] == "otp_invalid"
    made = by_phone(api, jane)
    enable(api, jane, made, last_code(PHONE))
    login = pending(api)
    ok(show(api, login, last_code(PHONE), "otp"))
