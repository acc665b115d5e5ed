"""LOGIN.SECOND_STEP = "otp": everybody is asked for a code, beside the enrolled factors, which always apply."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, last_code, messages_to
from tests.second_steps import (
    JANE,
    LOGIN,
    PHONE,
    REFRESH,
    UNHURRIED,
    Pending,
    ok,
    pending,
    show,
    with_app,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(clock, verified, prove):
    """A customer whose e-mail and phone are proven; return a token."""
    person, bearer = verified(phone=PHONE)
    prove(person, "phone")
    mail.outbox.clear()
    return bearer


def live():
    """Return the codes that are good by now."""
    return OtpVerification.objects.live(timezone.now()).filter(purpose="second_factor")


@pytest.fixture
def everybody(configure):
    """Ask everybody for a code."""
    configure(LOGIN={"SECOND_STEP": "otp"})


def test_everybody_is_asked_for_a_code_to_what_they_came_by(api, jane, everybody, configure):
    login = pending(api)
    assert login.challenge["methods"] == ["otp"]
    assert live().get().destination == JANE
    assert "5 minutes" in messages_to(JANE)[0]
    token = LoginToken.read(ok(show(api, login, last_code(JANE), "otp"))["token"])
    assert (token.mfa_enabled, token.mfa_at) == (False, int(timezone.now().timestamp()))
    assert not Customer.objects.get().has_second_factor
    configure(LOGIN={"IDENTIFIER": "both"})
    body = ok(api.post(LOGIN, {"phone": PHONE, "password": PASSWORD}))
    assert body["mfa_challenge"]["methods"] == ["otp"]


def test_by_phone_the_code_goes_to_the_phone(api, jane, everybody, configure):
    configure(LOGIN={"IDENTIFIER": "both"})
    body = ok(api.post("/auth/customer/phonepass", {"phone": PHONE, "password": PASSWORD}))
    assert live().get().destination == PHONE
    token = ok(show(api, Pending(body["token"], body["mfa_challenge"]), last_code(PHONE), "otp"))["token"]
    assert LoginToken.read(token).auth_provider == "phonepass"


def test_a_refresh_after_the_code_asks_no_more_and_an_older_session_is_asked(api, jane, everybody):
    asked = ok(api.post(REFRESH, token=jane))
    assert asked["mfa_challenge"]["methods"] == ["otp"]
    login = Pending(asked["token"], asked["mfa_challenge"])
    token = ok(show(api, login, last_code(JANE), "otp"))["token"]
    assert list(ok(api.post(REFRESH, token=token))) == ["token"]


def test_a_login_by_code_is_not_asked_for_another(api, jane, everybody):
    flow = ok(api.post("/auth/customer/otp/generate", {"identifier": JANE}))["token"]
    body = {"identifier": JANE, "otp": last_code(JANE), "token": flow}
    answer = ok(api.post("/auth/customer/otp/verify", body))
    assert list(answer) == ["token"]
    assert list(ok(api.post(REFRESH, token=answer["token"]))) == ["token"]


def test_a_login_by_code_is_asked_for_an_enrolled_factor(api, jane):
    app = with_app(api, jane)
    flow = ok(api.post("/auth/customer/otp/generate", {"identifier": JANE}))["token"]
    answer = ok(api.post("/auth/customer/otp/verify", {"identifier": JANE, "otp": last_code(JANE), "token": flow}))
    assert answer["mfa_challenge"]["methods"] == ["totp"]
    token = ok(show(api, Pending(answer["token"], answer["mfa_challenge"]), app.code()))["token"]
    assert LoginToken.read(token).auth_provider == "otp"


def test_an_enrolled_factor_takes_the_codes_place(api, jane, everybody):
    app = with_app(api, jane)
    login = pending(api)
    assert login.challenge["methods"] == ["totp"]
    assert not live().exists()
    ok(show(api, login, app.code()))


def test_where_nothing_has_to_be_proven_the_code_goes_to_what_logged_in(api, sign_up, everybody, configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    person = sign_up()
    login = pending(api)
    assert live().get().destination == JANE
    ok(show(api, login, last_code(JANE), "otp"))
    assert person.row.email_verified_at is None


def test_without_a_channel_the_challenge_is_issued_and_nothing_is_sent(api, jane, everybody, configure):
    configure(EMAIL_VERIFICATION={"CHANNEL": "pigeon"})
    before = OutboxMessage.objects.count()
    assert pending(api).challenge["methods"] == ["otp"]
    assert OutboxMessage.objects.count() == before


@pytest.mark.parametrize("brought", ["code_login", "email_verification", "two_step_login"])
def test_codes_of_other_purposes_are_refused(api, jane, everybody, brought):
    """Row C8, same contact."""
    login = pending(api)
    row = OtpVerification.objects.create(
        purpose=brought,
        channel="email",
        destination=JANE,
        customer=Customer.objects.get(),
        max_attempts=5,
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    assert show(api, login, row.code(), "otp").json()["code"] == "otp_invalid"


def test_nobody_waits_where_there_is_no_throttle(api, jane, everybody, configure):
    configure(**UNHURRIED)
    for _ in range(2):
        login = pending(api)
        ok(show(api, login, last_code(JANE), "otp"))
