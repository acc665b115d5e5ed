"""/store/auth: log in by password, then by a code, to a cookie session."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.models import OtpVerification
from customer_registration.signals import otp_generated
from tests import by_code
from tests.by_code import JANE, ME, PHONE, UNHURRIED
from tests.conftest import PASSWORD, last_code, messages_to, wrong

pytestmark = pytest.mark.django_db
AUTH, OTP = "/store/auth", "/store/auth/otp"
BODY = {"email": JANE, "password": PASSWORD}
INVALID = {"error": "OTP is invalid"}
GUARD = {"message": "Unauthorized"}
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


def test_a_password_then_a_code_open_a_cookie_session(api, verified):
    person, _ = verified(first_name="Jane")
    mail.outbox.clear()
    first = api.post(AUTH, BODY)
    assert first.status_code == 200
    assert list(first.json()) == ["customer"]
    assert first.json()["customer"]["id"] == person.id
    assert COOKIE not in first.cookies
    assert api.get(AUTH).json() == api.get(ME).json() == GUARD
    [message] = mail.outbox
    code = last_code(JANE)
    assert (message.to, bool(re.fullmatch("[0-9]{6}", code))) == ([JANE], True)
    second = api.post(OTP, {"email": JANE, "otp": code})
    assert second.status_code == 200
    assert list(second.json()) == ["customer"]
    assert second.json()["customer"]["first_name"] == "Jane"
    cookie = second.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    for path in (AUTH, ME):
        assert api.get(path).json()["customer"]["id"] == person.id
    assert api.post(ME, {"first_name": "Joan"}).json()["customer"]["first_name"] == "Joan"
    assert list(api.get(f"{AUTH}?fields=id").json()["customer"]) == ["id"]
    ended = api.request("delete", AUTH)
    assert (ended.status_code, ended.json()) == (200, {"success": True})
    assert api.get(AUTH).json() == GUARD
    assert api.request("delete", AUTH).status_code == 401


def test_the_code_works_once(api, begun):
    _, code = begun
    assert api.post(OTP, {"email": JANE, "otp": code}).status_code == 200
    assert invalid(api.another().post(OTP, {"email": JANE, "otp": code}))


@pytest.mark.parametrize("typed", [" {0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]} ", "{0[0]}-{0[1]}{0[2]}{0[3]}{0[4]}{0[5]}"])
def test_spaces_and_hyphens_are_ignored(api, begun, typed):
    assert api.post(OTP, {"email": "Jane@Example.com", "otp": typed.format(begun[1])}).status_code == 200


@pytest.mark.parametrize("name", ["email", "phone", "email_or_phone"])
def test_a_number_takes_both_steps_too(api, configure, verified, prove, name):
    configure(LOGIN={"IDENTIFIER": "both"})
    person, _ = verified(phone=PHONE)
    prove(person, "phone")
    contact = JANE if name == "email" else PHONE
    sent = len(messages_to(contact))
    assert api.post(AUTH, {name: contact, "password": PASSWORD}).status_code == 200
    assert len(messages_to(contact)) == sent + 1
    assert api.post(OTP, {name: contact, "otp": last_code(contact)}).status_code == 200
    assert api.get(AUTH).json()["customer"]["phone"] == PHONE


def test_wrong_unknown_and_never_sent_are_one_answer(api, verified):
    verified()
    assert invalid(api.post(OTP, {"email": JANE, "otp": "123456"}))
    assert api.post(AUTH, BODY).status_code == 200
    code = last_code(JANE)
    for email, typed in ((JANE, wrong(code)), ("nobody@example.com", code)):
        assert invalid(api.post(OTP, {"email": email, "otp": typed}))
    assert api.post(OTP, {"email": JANE, "otp": code}).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_code_lives_a_minute_unless_the_settings_say_otherwise(api, configure, verified, seconds, status):
    verified()
    for ttl in (60, 45):
        configure(TWO_STEP_LOGIN={"TTL_SECONDS": ttl, "RESEND_THROTTLE_SECONDS": 0})
        start = timezone.now()
        with time_machine.travel(start, tick=False):
            api.post(AUTH, BODY)
        with time_machine.travel(start + timedelta(seconds=ttl + seconds), tick=False):
            answer = api.another().post(OTP, {"email": JANE, "otp": last_code(JANE)})
        assert answer.status_code == status
        assert status == 200 or invalid(answer)


def test_a_code_has_as_many_digits_as_the_settings_say(api, configure, verified):
    configure(TWO_STEP_LOGIN={"DIGITS": 9}, PASSWORDLESS={"DIGITS": 7})
    verified()
    api.post(AUTH, BODY)
    assert re.fullmatch("[0-9]{9}", last_code(JANE))
    assert api.post(OTP, {"email": JANE, "otp": last_code(JANE)}).status_code == 200


def test_the_first_step_has_a_throttle_of_its_own(api, configure, verified):
    verified()
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        by_code.ask(api)  # a code to log in with is another purpose's
        assert api.post(AUTH, BODY).status_code == 200
        answer = api.post(AUTH, BODY)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer.headers["Retry-After"]) == 30
    for seconds, status in ((29, 429), (30, 200)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert api.post(AUTH, BODY).status_code == status


def test_without_the_password_nothing_is_sent_and_nobody_is_told_apart(api, verified):
    verified()
    verified("gone@example.com")
    get_user_model().objects.filter(email="gone@example.com").update(is_active=False)
    sent = len(mail.outbox)
    answers = [
        api.post(AUTH, {"email": email, "password": password})
        for email, password in [
            (JANE, "wrong password"),
            ("nobody@example.com", PASSWORD),
            ("gone@example.com", PASSWORD),
        ]
    ]
    expected = {"type": "unauthorized", "message": "Invalid email or password"}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(401, expected)] * 3
    assert len(mail.outbox) == sent
    assert not OtpVerification.objects.filter(purpose="two_step_login").exists()


def test_wrong_passwords_are_limited_as_at_login(api, verified):
    verified()
    wrongly = {**BODY, "password": "wrong password"}
    assert [api.post(AUTH, wrongly).status_code for _ in range(6)] == [401] * 5 + [429]
    assert api.post("/auth/customer/emailpass", BODY).status_code == 429


def test_c2_after_five_guesses_the_right_code_is_refused(api, begun):
    _, code = begun
    for typed in [wrong(code)] * 5 + [code]:
        assert invalid(api.another().post(OTP, {"email": JANE, "otp": typed}))


def test_c5_it_has_ten_a_day_of_its_own_that_no_new_code_and_no_password_clears(api, configure, verified):
    """Whoever guesses at the second step has shown the password already: it may not start the count anew."""
    verified()
    configure(**UNHURRIED, OTP={"MAX_ATTEMPTS": 10}, TWO_STEP_LOGIN={"RESEND_THROTTLE_SECONDS": 0})
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        for _ in range(2):
            assert api.post(AUTH, BODY).status_code == 200
            assert api.post("/auth/customer/emailpass", BODY).status_code == 200
            code = last_code(JANE)
            assert all(invalid(api.post(OTP, {"email": JANE, "otp": wrong(code)})) for _ in range(5))
        api.post(AUTH, BODY)
        eleventh = {"email": JANE, "otp": last_code(JANE)}
        assert invalid(api.post(OTP, eleventh))  # in the same words
        by_code.log_in(api)
        assert invalid(api.post(OTP, eleventh))
    with time_machine.travel(start + timedelta(days=1), tick=False):
        api.post(AUTH, BODY)
        assert api.post(OTP, {"email": JANE, "otp": last_code(JANE)}).status_code == 200


@pytest.mark.parametrize("way", ["two-step to code login", "code login to two-step"])
def test_c8_a_code_of_one_is_none_of_the_other(api, verified, way):
    verified()
    if way == "two-step to code login":
        api.post(AUTH, BODY)
        for step in ("verify", "", "register"):
            assert by_code.refused(by_code.bring(api, last_code(JANE), step=step))
        assert api.post(OTP, {"email": JANE, "otp": last_code(JANE)}).status_code == 200
    else:
        by_code.ask(api)
        assert invalid(api.post(OTP, {"email": JANE, "otp": last_code(JANE)}))


def test_the_project_is_told_of_no_code_here_and_our_channels_send_it(api, configure, verified, hear):
    verified()
    configure(PASSWORDLESS={"SEND": False})
    heard, sent = hear(otp_generated), len(mail.outbox)
    api.post(AUTH, BODY)
    assert (len(heard), len(mail.outbox)) == (0, sent + 1)


def test_both_steps_want_the_publishable_key(api, configure, verified):
    verified()
    configure(PUBLISHABLE_API_KEYS=["pk_1"])
    for method, path in (("post", AUTH), ("post", OTP), ("get", AUTH), ("delete", AUTH)):
        assert api.request(method, path, {}).json()["type"] == "not_allowed"
    assert api.post(AUTH, BODY, **{"x-publishable-api-key": "pk_1"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null"])
def test_another_sites_page_neither_opens_nor_ends_a_session(api, begun, origin):
    _, code = begun
    answer = api.post(OTP, {"email": JANE, "otp": code}, origin=origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
    assert COOKIE not in answer.cookies
    assert api.post(OTP, {"email": JANE, "otp": code}).status_code == 200
    assert api.request("delete", AUTH, origin=origin).status_code == 403
    assert api.get(AUTH).status_code == 200


def test_the_session_id_is_a_new_one(api, begun):
    planted = api.client.session
    planted["basket"] = 7
    planted.save()
    api.client.cookies[COOKIE] = planted.session_key
    cookie = api.post(OTP, {"email": JANE, "otp": begun[1]}).cookies[COOKIE]
    assert cookie.value != planted.session_key
    assert api.client.session["basket"] == 7


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (AUTH, {"password": PASSWORD}),
        (AUTH, {**BODY, "phone": PHONE}),
        (OTP, {"otp": "123456"}),
        (OTP, {"email": JANE}),
        (OTP, {"email": JANE, "otp": ""}),
        (OTP, {"email": JANE, "otp": None}),
        (OTP, {"email": JANE, "otp": 123456}),
        (OTP, {"email": JANE, "otp": ["123456"]}),
        (OTP, {"email": JANE, "otp": "1" * 17}),
        (OTP, {"email": JANE, "phone": PHONE, "otp": "123456"}),
    ],
)
def test_a_bad_body_is_refused_in_words(api, path, body):
    answer = api.post(path, body)
    assert (answer.status_code, answer.json().get("type")) == (400, "invalid_data")
