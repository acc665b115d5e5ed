"""Codes to a proven contact as a second factor."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, SecondFactor
from tests.conftest import PASSWORD, last_code, messages_to, wrong
from tests.second_steps import (
    EXCEEDED,
    FACTORS,
    GUARD,
    JANE,
    LOGIN,
    ME,
    PHONE,
    REFRESH,
    WRONG,
    enable,
    ok,
    pending,
    recovery_codes,
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


@pytest.fixture
def by_phone(api, jane, clock):
    """Put codes to Jane's phone in force; return her token."""
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]
    enable(api, jane, made["id"], last_code(PHONE))
    clock.shift(61)
    return jane


def live():
    """Return the codes that are good by now."""
    return OtpVerification.objects.live(timezone.now()).filter(purpose="second_factor")


# Setting it up


def test_a_code_goes_to_the_phone_at_once_and_puts_it_in_force(api, jane):
    made = ok(api.post(FACTORS, {"provider": "otp", "label": "Mobile"}, token=jane))
    assert list(made) == ["mfa_factor"]
    assert made["mfa_factor"]["metadata"] == {"label": "Mobile", "entity_type": "phone"}
    assert mail.outbox == []
    assert last_code(PHONE) == live().get().code()
    factor = enable(api, jane, made["mfa_factor"]["id"], last_code(PHONE))
    assert (factor["provider"], factor["status"]) == ("otp", "enabled")
    assert not live().exists()


@pytest.mark.parametrize(("wanted", "to"), [("email", JANE), ("phone", PHONE), ("fax", PHONE), (["email"], PHONE)])
def test_the_metadata_says_where_codes_go(api, jane, wanted, to):
    ok(api.post(FACTORS, {"provider": "otp", "metadata": {"entity_type": wanted}}, token=jane))
    assert live().get().destination == to
    assert SecondFactor.objects.get().contact_kind == ("email" if "@" in to else "phone")


def test_an_unproven_contact_gets_no_codes(api, verified):
    _, bearer = verified(phone=PHONE)
    ok(api.post(FACTORS, {"provider": "otp", "metadata": {"entity_type": "phone"}}, token=bearer))
    assert live().get().destination == JANE


def test_without_a_proven_contact_it_cannot_be_set_up(api, sign_up, configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    sign_up()
    bearer = ok(api.post(LOGIN, {"email": JANE, "password": PASSWORD}))["token"]
    answer = api.post(FACTORS, {"provider": "otp"}, token=bearer)
    assert (answer.status_code, answer.json()["code"]) == (400, "factor_unavailable")
    assert not SecondFactor.objects.exists()
    assert not live().exists()


def test_without_a_channel_it_cannot_be_set_up(api, jane, configure):
    configure(CHANNELS={"sms": []})
    answer = api.post(FACTORS, {"provider": "otp"}, token=jane)
    assert (answer.status_code, answer.json()["code"]) == (400, "channel_unavailable")


def test_inside_the_throttle_nothing_is_set_up_anew(api, jane, clock):
    first = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    answer = api.post(FACTORS, {"provider": "otp"}, token=jane)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert SecondFactor.objects.get().pk == first
    clock.shift(60)
    ok(api.post(FACTORS, {"provider": "otp"}, token=jane))


def test_a_new_code_starts_with_the_older_ones_guesses(api, jane, clock):
    first = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    for _ in range(3):
        answer = api.post(f"{FACTORS}/{first}/verify", {"code": wrong(last_code(PHONE))}, token=jane)
        assert answer.json() == WRONG
    clock.shift(60)
    second = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    assert [row.attempts for row in live()] == [3]
    for _ in range(2):
        api.post(f"{FACTORS}/{second}/verify", {"code": wrong(last_code(PHONE))}, token=jane)
    answer = api.post(f"{FACTORS}/{second}/verify", {"code": last_code(PHONE)}, token=jane)
    assert (answer.status_code, answer.json()) == (400, EXCEEDED)


def test_a_code_to_another_contact_does_not_put_it_in_force(api, jane, clock):
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]["id"]
    OtpVerification.objects.filter(purpose="second_factor").update(destination=JANE)
    answer = api.post(f"{FACTORS}/{made}/verify", {"code": live().get().code()}, token=jane)
    assert (answer.status_code, answer.json()) == (400, WRONG)


# Logging in


def test_a_login_sends_a_code_which_is_shown(api, by_phone):
    before = len(messages_to(PHONE))
    login = pending(api)
    assert login.challenge["methods"] == ["otp"]
    assert len(messages_to(PHONE)) == before + 1
    assert PHONE not in str(login.challenge)
    code = last_code(PHONE)
    token = ok(show(api, login, code, "otp"))["token"]
    assert api.get(ME, token=token).status_code == 200
    assert not live().exists()
    login = pending(api)
    assert len(messages_to(PHONE)) == before + 2, "the throttle is for codes that wait"
    assert show(api, login, code, "otp").status_code == 400, "a code serves once"
    ok(show(api, login, last_code(PHONE), "otp"))


def test_inside_the_throttle_the_challenge_is_issued_and_the_live_code_stays(api, by_phone, clock):
    first, sent = pending(api), len(messages_to(PHONE))
    code = last_code(PHONE)
    clock.shift(59)
    second = pending(api)
    assert second.challenge["id"] != first.challenge["id"]
    assert len(messages_to(PHONE)) == sent
    ok(show(api, second, code, "otp"))
    answer = show(api, first, code, "otp")
    assert (answer.status_code, answer.json()) == (400, {**WRONG, "attempts_remaining": 4})


def test_past_the_throttle_the_newer_code_is_the_good_one(api, by_phone, clock):
    login, older = pending(api), last_code(PHONE)
    clock.shift(61)
    pending(api)
    assert last_code(PHONE) != older
    assert show(api, login, older, "otp").status_code == 400
    ok(show(api, login, last_code(PHONE), "otp"))


def test_five_guesses_at_one_code_whatever_challenge_they_are_for(api, by_phone):
    """Logging in again inside the throttle makes a new challenge, and no new guesses at the code."""
    for _ in range(2):
        login = pending(api)
        for _ in range(2):
            assert show(api, login, wrong(last_code(PHONE)), "otp").json()["code"] == "otp_invalid"
    login = pending(api)
    assert show(api, login, wrong(last_code(PHONE)), "otp").json()["code"] == "otp_invalid"
    answer = show(api, login, last_code(PHONE), "otp")
    assert (answer.status_code, answer.json()) == (400, EXCEEDED)


def test_a_code_dies_with_its_challenge(api, by_phone, clock):
    login, code = pending(api), last_code(PHONE)
    assert live().get().expires_at == timezone.now() + timedelta(seconds=300)
    clock.shift(300)
    assert not live().exists()
    assert show(api, login, code, "otp").json() == GUARD
    clock.shift(-1)
    ok(show(api, login, code, "otp"))


@pytest.mark.parametrize("scope", ["ip", "key"])
def test_past_the_sending_limits_the_challenge_is_issued_all_the_same(api, by_phone, clock, configure, scope):
    configure(RATE_LIMITS={"RULES": {"code_send": f"1/d/{scope}"}})
    before = len(messages_to(PHONE))
    for sent in (1, 1):
        assert pending(api).challenge["methods"] == ["otp"]
        assert len(messages_to(PHONE)) == before + sent
        clock.shift(61)


def test_where_codes_go_after_the_contact_changed(api, by_phone, change_contact, clock):
    token = ok(show(api, pending(api), last_code(PHONE), "otp"))["token"]
    clock.shift(61)
    change_contact(token, phone="+14155552671")
    clock.shift(61)
    login = pending(api)
    ok(show(api, login, last_code("+14155552671"), "otp"))
    Customer.objects.update(phone=None, phone_verified_at=None)
    clock.shift(91)
    login = pending(api)
    ok(show(api, login, last_code(JANE), "otp"))


def test_a_code_to_a_contact_that_was_replaced_is_dead(api, by_phone, change_contact, clock):
    token = ok(show(api, pending(api), last_code(PHONE), "otp"))["token"]
    clock.shift(61)
    pending(api)
    code = last_code(PHONE)
    fresh = change_contact(token, phone="+14155552671")
    answer = ok(api.post(REFRESH, token=fresh))
    assert list(answer) == ["token"]
    assert show(api, pending(api), code, "otp").status_code == 400


def test_with_an_app_and_recovery_codes_there_is_a_choice(api, by_phone, clock):
    app = with_app(api, by_phone)
    token = ok(show(api, pending(api), app.code(), "totp"))["token"]
    made = recovery_codes(api, token)
    clock.shift(90)
    login = pending(api)
    assert login.challenge["methods"] == ["totp", "otp", "recovery_code"]
    ok(show(api, login, last_code(PHONE), "otp"))
    ok(show(api, pending(api), made[0], "recovery_code"))
    assert live().get().attempts == 0


def test_strangers_do_not_use_the_codes_up(api, by_phone, configure, clock):
    """Anybody can ask for a code of another purpose to an address that they know."""
    configure(RATE_LIMITS={"RULES": {"code_send": "5/h/key"}})
    clock.shift(3600)
    stranger = api.another(REMOTE_ADDR="203.0.113.9")
    asked = [stranger.post("/auth/customer/otp/generate", {"identifier": PHONE}).status_code for _ in range(6)]
    for _ in range(5):
        clock.shift(95)
        asked.append(stranger.post("/auth/customer/otp/generate", {"identifier": PHONE}).status_code)
    assert 429 in asked, "the limit of the other codes"
    before = len(messages_to(PHONE))
    login = pending(api)
    assert len(messages_to(PHONE)) == before + 1
    ok(show(api, login, last_code(PHONE), "otp"))
