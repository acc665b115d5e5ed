"""Tests that nobody keeps waiting, and that count from none."""

import pytest
from django.test import override_settings

from customer_registration import ratelimits
from customer_registration.conf import config
from customer_registration.messaging.backends import locmem
from customer_registration.messaging.backends.base import Message
from customer_registration.ratelimits import engine
from customer_registration.testing import forget_counters, no_rate_limits

JANE = "jane@example.com"
REGISTER, SEND = "/auth/customer/emailpass/register", "/store/customers/otp/send"


def register_many(api, how_many):
    bodies = [{"email": f"person{number}@example.com", "password": "correct horse"} for number in range(how_many)]
    return {api.post(REGISTER, body).status_code for body in bodies}


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_counts_from_none(api, time):
    assert register_many(api, 20) == {200}
    assert register_many(api, 1) == {429}


def test_no_limit_counts(api, request):
    assert register_many(api, 21) == {200, 429}


@pytest.mark.usefixtures("no_rate_limits")
def test_with_no_rate_limits_none_does(api, sign_up, send_code):
    assert register_many(api, 21) == {200}
    person = sign_up()
    for _ in range(8):
        send_code(person)
    flow = send_code(person)
    answers = [api.post("/store/customers/otp/verify", {"token": flow, "code": "wrong1"}) for _ in range(6)]
    assert [answer.json()["code"] for answer in answers[-2:]] == ["otp_invalid", "otp_attempts_exceeded"]


@pytest.mark.parametrize("purpose", ["email_verification", "phone_verification", "password_reset", "two_step_login"])
def test_no_throttle_is_left(no_rate_limits, purpose):
    assert getattr(config(), purpose).resend_throttle_seconds == 0


def test_it_holds_whatever_a_test_sets_besides(no_rate_limits, settings, configure):
    configure(SMS_GUARD={"HOURLY_BUDGET": 1, "PREFIX_HOURLY_BUDGET": 1, "MIN_CONVERSION": 0.5}, OTP={"LENGTH": 8})
    assert config().sms_guard == type(config().sms_guard)()
    assert config().otp.length == 8
    with override_settings(CUSTOMER_REGISTRATION={"RATE_LIMITS": {"ENABLED": True}}):
        assert not config().rate_limits.enabled


def test_it_ends_and_leaves_nothing(settings):
    before = config()
    with no_rate_limits():
        settings.CUSTOMER_REGISTRATION = {**settings.CUSTOMER_REGISTRATION, "RETENTION_DAYS": 1}
        assert not config().rate_limits.enabled
        with no_rate_limits():
            assert not config().rate_limits.enabled
        assert not config().rate_limits.enabled
    assert config().rate_limits.enabled
    assert config().retention_days == 1
    assert config().email_verification == before.email_verification


def test_a_wrong_setting_is_still_found(settings):
    settings.CUSTOMER_REGISTRATION = {"OPT": {}}
    with no_rate_limits(), pytest.raises(Exception, match="OPT"):
        config()


def test_forgetting_takes_text_messages_with_it():
    locmem.outbox.append(Message("sms", "+12025550123", "code"))
    ratelimits.hit("login", ip="192.0.2.1")
    forget_counters()
    assert locmem.outbox == []


def test_forgetting_leaves_the_counters_in_redis(settings, configure, monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "build_storage", lambda uri: asked.append(uri) or engine._build_once(uri))
    configure(RATE_LIMITS={"STORAGE_URI": "redis://127.0.0.1:1/0"})
    engine._build_once("memory://")
    forget_counters()
    assert asked == ["memory://"]
