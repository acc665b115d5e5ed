"""POST /store/customers/me/password."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.enums import Provider
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, last_code, messages_to

URL, ME, CONTACT = "/store/customers/me/password", "/store/customers/me", "/store/customers/me/contact"
LOGIN, REFRESH = "/auth/customer/emailpass", "/auth/token/refresh"
EMAIL, PHONE = "jane@example.com", "+12025550123"
NEW = "a new password entirely"
GUARD = {"message": "Unauthorized"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def jane(verified):
    """The person and a token."""
    return verified(EMAIL, phone=PHONE)


@pytest.fixture(params=["", "!unusable"])
def without(request, verified):
    """Somebody without a password; a function that makes a token of a login so long ago."""
    person, _ = verified(EMAIL)
    get_user_model().objects.update(password=request.param)

    def login(seconds_ago):
        now = timezone.now()
        auth_time = int(now.timestamp()) - seconds_ago
        token = LoginToken.for_customer(person.row, provider=Provider.OTP, auth_time=auth_time, actorless=False)
        return person, token.sign(now=now)

    return login


def change(api, token, **body):
    return api.post(URL, {"password": NEW, **body}, token=token)


def try_login(api, password):
    return api.post(LOGIN, {"email": EMAIL, "password": password})


def test_the_fresh_token_works_and_every_older_one_is_dead(api, jane):
    person, token = jane
    device = api.another()
    device.post("/auth/session", token=token)
    renewed = api.post(REFRESH, token=token).json()["token"]
    answer = change(api, token, old_password=PASSWORD)
    assert answer.status_code == 200
    assert list(answer.json()) == ["token"]
    assert LoginToken.read(answer.json()["token"]).actor_id == person.id
    assert api.get(ME, token=answer.json()["token"]).status_code == 200
    assert api.post(REFRESH, token=answer.json()["token"]).status_code == 200
    for dead in (token, renewed, person.token):
        assert api.get(ME, token=dead).json() == GUARD
        assert api.post(REFRESH, token=dead).json() == GUARD
    assert device.get(ME).json() == GUARD
    assert try_login(api, PASSWORD).status_code == 401
    assert try_login(api, NEW).status_code == 200


def test_a_cookie_session_will_do_and_dies_too(api, jane):
    api.post("/auth/session", token=jane[1])
    answer = change(api, None, old_password=PASSWORD)
    assert api.get(ME).json() == GUARD
    assert api.get(ME, token=answer.json()["token"]).status_code == 200


@pytest.mark.parametrize("old", [{}, {"old_password": None}, {"old_password": ""}, {"old_password": "wrong"}])
def test_e10_a_wrong_or_missing_old_password(api, jane, old):
    person, token = jane
    answer = change(api, token, **old)
    assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")
    assert answer.json()["code"] == "wrong_password"
    assert person.row.user.check_password(PASSWORD)
    assert api.get(ME, token=token).status_code == 200


def test_wrong_ones_are_counted_and_the_sixth_is_429(api, jane):
    _, token = jane
    assert [change(api, token, old_password="wrong").status_code for _ in range(5)] == [403] * 5
    for old in ("wrong", PASSWORD):
        answer = change(api, token, old_password=old)
        assert (answer.status_code, answer.json()["type"]) == (429, "too_many_requests")
        assert int(answer.headers["Retry-After"]) > 0
    elsewhere = api.another(REMOTE_ADDR="192.0.2.1")
    assert change(elsewhere, token, old_password=PASSWORD).status_code == 200


def test_missing_ones_are_counted_too(api, jane):
    _, token = jane
    assert [change(api, token).status_code for _ in range(6)] == [403] * 5 + [429]


def test_the_rule_is_login_failed(api, jane, configure):
    configure(RATE_LIMITS={"RULES": {"login_failed": "1/h/key+ip"}})
    _, token = jane
    assert [change(api, token, old_password="wrong").status_code for _ in range(2)] == [403, 429]


def test_right_ones_are_not_counted(api, jane):
    _, token = jane
    passwords = [PASSWORD, *(f"password number {number}" for number in range(7))]
    for old, new in pairwise(passwords):
        answer = change(api, token, old_password=old, password=new)
        assert answer.status_code == 200
        token = answer.json()["token"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field 'password' is required"),
        ({"password": None}, "Expected type: 'string' for field 'password', got: 'null'"),
        ({"password": ""}, "Value for field 'password' too small, expected at least: '1'"),
        ({"password": "x" * 4097}, "Value for field 'password' too big, expected at most: '4096'"),
        ({"password": NEW, "old_password": 5}, "Expected type: 'string' for field 'old_password', got: '5'"),
        ({"password": NEW, "email": EMAIL}, "Unrecognized fields: 'email'"),
    ],
)
def test_a_bad_request_says_why(api, jane, body, message):
    answer = api.post(URL, {"old_password": PASSWORD, **body}, token=jane[1])
    assert (answer.status_code, answer.json()) == (
        400,
        {"type": "invalid_data", "message": f"Invalid request: {message}"},
    )


@pytest.mark.parametrize("password", ["short", "12345678", "jane@example.com"])
def test_the_projects_validators_have_their_say(api, jane, password):
    person, token = jane
    answer = change(api, token, old_password=PASSWORD, password=password)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["code"] == "password_rejected"
    assert person.row.user.check_password(PASSWORD)
    assert api.get(ME, token=token).status_code == 200


def test_only_a_customer_may(api, sign_up):
    for token in (None, "junk", sign_up().token):
        answer = change(api, token, old_password=PASSWORD)
        assert (answer.status_code, answer.json()) == (401, GUARD)


@pytest.mark.parametrize("flags", [{"is_staff": True}, {"is_superuser": True}])
def test_staff_change_theirs_in_the_admin(api, jane, flags):
    person, token = jane
    get_user_model().objects.update(**flags)
    for path, body in ((URL, {"old_password": PASSWORD, "password": NEW}), (CONTACT, {"email": "new@example.com"})):
        answer = api.post(path, body, token=token)
        assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")
        assert answer.json()["code"] == "staff_account"
    assert person.row.user.check_password(PASSWORD)
    assert messages_to("new@example.com") == []


# The first password


@pytest.mark.parametrize("seconds", [0, 300, 599])
@pytest.mark.parametrize("old", [{}, {"old_password": ""}, {"old_password": None}])
def test_a_first_password_needs_no_old_one(api, without, seconds, old):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False):
        _, token = without(seconds)
        answer = change(api, token, **old)
        assert answer.status_code == 200
        assert api.get(ME, token=answer.json()["token"]).status_code == 200
        assert api.get(ME, token=token).json() == GUARD
        assert try_login(api, NEW).status_code == 200


@pytest.mark.parametrize("seconds", [600, 601, 86_000])
def test_a_first_password_needs_a_login_under_ten_minutes_old(api, without, seconds):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False):
        person, token = without(seconds)
        answer = change(api, token)
    assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")
    assert answer.json()["code"] == "reauthentication_required"
    assert not person.row.user.check_password(NEW)


def test_a_refreshed_token_is_no_new_login(api, without):
    _, token = without(700)
    renewed = api.post(REFRESH, token=token).json()["token"]
    assert change(api, renewed).json()["code"] == "reauthentication_required"


def test_a_recent_login_is_no_old_password(api, jane):
    assert change(api, jane[1]).json()["code"] == "wrong_password"


@pytest.mark.parametrize("password", ["", " ", "!"])
def test_e11_a_blank_password_is_none_and_logs_nobody_in(api, without, password):
    without(0)
    assert api.post(LOGIN, {"email": EMAIL, "password": password}).status_code == 401


# What comes with it


def test_e9_every_code_dies(api, jane, send_code):
    person, token = jane
    proof = {"token": send_code(person, "phone"), "code": last_code(PHONE)}
    change(api, token, old_password=PASSWORD)
    answer = api.post("/store/customers/otp/verify", proof)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


def test_codes_of_others_live_on(api, jane, sign_up, send_code):
    other = sign_up("other@example.com")
    proof = {"token": send_code(other), "code": last_code(other.email)}
    change(api, jane[1], old_password=PASSWORD)
    assert api.post("/store/customers/otp/verify", proof).status_code == 200


def test_e14_the_person_is_told(api, jane):
    before = len(messages_to(EMAIL))
    change(api, jane[1], old_password=PASSWORD)
    assert len(messages_to(EMAIL)) == before + 1
    text = messages_to(EMAIL)[0]
    assert "password of your account was changed" in text
    assert NEW not in text


def test_others_keep_their_sessions(api, jane, verified):
    _, other = verified("other@example.com")
    change(api, jane[1], old_password=PASSWORD)
    assert api.get(ME, token=other).status_code == 200


def test_the_fresh_session_may_change_it_again_long_after(api, jane):
    token = change(api, jane[1], old_password=PASSWORD).json()["token"]
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        assert change(api, token, old_password=NEW, password=PASSWORD).status_code == 200
