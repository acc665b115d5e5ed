"""/store/auth: the gates stand on this road too, and what must end a login that has begun."""

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer
from tests.by_code import JANE
from tests.conftest import PASSWORD, last_code, wrong

pytestmark = pytest.mark.life_cycle
AUTH, OTP = "/store/auth", "/store/auth/otp"
BODY = {"email": JANE, "password": PASSWORD}
INVALID = {"error": "OTP is invalid"}
COOKIE = django_settings.SESSION_COOKIE_NAME


def invalid(answer):
    return (answer.status_code, answer.json(), COOKIE in answer.cookies) == (400, INVALID, False)


@pytest.fixture
def begun(api, verified):
    """Take the first step; return the person and the code."""
    person, _ = verified()
    answer = api.post(AUTH, BODY)
    assert answer.status_code == 200, answer.content
    return person, last_code(JANE)


@pytest.mark.parametrize("step", [AUTH, OTP])
def test_an_unproven_address_has_to_be_verified_first(api, configure, sign_up, step):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": step == AUTH})
    person = sign_up()
    answer = api.post(AUTH, BODY)
    if step == OTP:
        assert answer.status_code == 200
        code = last_code(JANE)
        configure(REGISTRATION={"REQUIRE_VERIFICATION": True})
        answer = api.post(OTP, {"email": JANE, "otp": code})
    assert (answer.status_code, answer.json()["code"]) == (403, "verification_required")
    assert answer.json()["customer_id"] == person.id
    assert answer.json()["verification_type"] == "email_verification"
    assert COOKIE not in answer.cookies
    assert len(mail.outbox) == (1 if step == OTP else 0)


def test_the_second_step_verifies_no_address_and_keeps_the_password(api, configure, sign_up):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    person = sign_up()
    api.post(AUTH, BODY)
    answer = api.post(OTP, {"email": JANE, "otp": last_code(JANE)})
    assert (answer.status_code, answer.json()["customer"]["email_verified"]) == (200, False)
    assert person.row.email_verified_at is None
    assert person.row.user.check_password(PASSWORD)


@pytest.mark.parametrize("step", [AUTH, OTP])
def test_somebody_who_is_leaving_is_told_when(api, verified, step):
    person, _ = verified()
    if step == OTP:
        api.post(AUTH, BODY)
    Customer.objects.filter(pk=person.id).update(deletion_scheduled_at=timezone.now())
    answer = api.post(step, BODY if step == AUTH else {"email": JANE, "otp": last_code(JANE)})
    assert (answer.status_code, answer.json()["code"]) == (403, "account_deletion_pending")
    assert "scheduled_at" in answer.json()


def test_d1_a_deactivated_customer_does_not_finish(api, begun):
    person, code = begun
    get_user_model().objects.filter(pk=person.row.user.pk).update(is_active=False)
    assert invalid(api.post(OTP, {"email": JANE, "otp": code}))


def test_e9_a_code_does_not_outlive_the_password_it_came_after(api, begun, verified, reset_link):
    _, code = begun
    body = {"password": "another battery staple"}
    assert api.post("/auth/customer/emailpass/update", body, token=reset_link()).status_code == 200
    assert invalid(api.post(OTP, {"email": JANE, "otp": code}))


def test_f4_the_login_is_announced_when_it_is_done(api, verified, hear):
    person, _ = verified()
    came_in, failed = hear(user_logged_in), hear(user_login_failed)
    api.post(AUTH, {**BODY, "password": "wrong password"})
    api.post(AUTH, BODY)
    assert (len(came_in), len(failed)) == (0, 1)
    api.post(OTP, {"email": JANE, "otp": wrong(last_code(JANE))})
    assert (len(came_in), len(failed)) == (0, 2)
    api.post(OTP, {"email": JANE, "otp": last_code(JANE)})
    assert (len(came_in), len(failed)) == (1, 2)
    assert came_in[0]["user"] == person.row.user
