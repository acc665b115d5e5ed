"""POST and DELETE /auth/session: the claims of a token behind a cookie."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, last_code, new_user

URL, ME, REFRESH = "/auth/session", "/store/customers/me", "/auth/token/refresh"
LOGIN, CONTACT = "/auth/customer/emailpass", "/store/customers/me/contact"
EMAIL, NEW = "jane@example.com", "a new password entirely"
GUARD = {"message": "Unauthorized"}
COOKIE = django_settings.SESSION_COOKIE_NAME

pytestmark = pytest.mark.django_db


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def is_nobody(answer):
    return (answer.status_code, answer.json()) == (401, GUARD)


@pytest.fixture
def staff_token(api):
    """The token of a staff user."""
    new_user("boss", "boss@example.com", is_staff=True)
    answer = api.post("/auth/user/emailpass", {"email": "boss@example.com", "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return answer.json()["token"]


@pytest.fixture
def device(api, verified):
    """Jane's browser, with a cookie; ``token`` is the bearer it was opened with."""
    person, token = verified(EMAIL)
    browser = api.another()
    assert browser.post(URL, token=token).status_code == 200
    browser.jane, browser.token = person, token
    return browser


def test_the_answer_is_every_claim_and_an_httponly_cookie(api, verified):
    _, token = verified(EMAIL)
    answer = api.post(URL, token=token)
    assert answer.status_code == 200
    assert answer.json() == {"user": claims_of(token)}
    assert {"iat", "exp", "actor_id", "app_metadata", "epoch", "auth_time"} <= set(answer.json()["user"])
    cookie = answer.cookies[COOKIE]
    assert cookie["httponly"] is True
    assert cookie["path"] == "/"
    assert cookie["samesite"] == "Lax"
    assert token not in answer.headers.get("Set-Cookie", "") + cookie.value


@pytest.mark.parametrize(("debug", "https", "secure"), [(False, False, True), (True, False, ""), (True, True, True)])
def test_the_cookie_is_secure_on_https_or_when_debug_is_off(api, verified, settings, debug, https, secure):
    _, token = verified(EMAIL)
    settings.DEBUG = debug
    with api.commit(execute=True):
        answer = api.client.post(URL, headers={"authorization": f"Bearer {token}"}, secure=https)
    assert answer.cookies[COOKIE]["secure"] == secure


def test_registration_tokens_too(api, register):
    token = register()
    assert api.post(URL, token=token).json() == {"user": claims_of(token)}
    assert api.post("/store/customers", {"first_name": "Jane"}).status_code == 200
    assert Customer.objects.get().first_name == "Jane"
    assert is_nobody(api.get(ME))


def test_staff_tokens_too(api, staff_token):
    assert api.post(URL, token=staff_token).json() == {"user": claims_of(staff_token)}
    assert LoginToken.read(api.post(REFRESH).json()["token"]).actor_type == "user"
    assert is_nobody(api.get(ME))


def test_the_session_id_is_a_new_one(api, verified):
    _, token = verified(EMAIL)
    planted = api.client.session
    planted["basket"] = 7
    planted.save()
    api.client.cookies[COOKIE] = planted.session_key
    ids = [planted.session_key]
    ids += [api.post(URL, token=token).cookies[COOKIE].value for _ in range(2)]
    assert len(set(ids)) == 3
    assert list(Session.objects.values_list("pk", flat=True)) == ids[-1:]
    assert api.client.session["basket"] == 7


def test_the_claims_lie_under_one_key_and_nobody_is_logged_in_to_django(device):
    [key] = device.client.session.keys()
    assert not key.startswith("_auth")
    assert device.client.get("/django-admin/").status_code == 302


def test_a_cookie_is_no_bearer_here(device):
    assert is_nobody(device.post(URL))


@pytest.mark.parametrize("token", [None, "", "junk", "a.b.c"])
def test_only_a_bearer_opens_one(api, token):
    answer = api.post(URL, token=token)
    assert is_nobody(answer)
    assert COOKIE not in answer.cookies


def test_dead_and_foreign_tokens_open_none(api, verified, send_code, sign_up, reset_link):
    _, token = verified(EMAIL)
    for bad in (send_code(sign_up("other@example.com")), reset_link()):
        assert is_nobody(api.post(URL, token=bad))
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert is_nobody(api.post(URL, token=token))


# What it opens


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", ME, None, 200),
        ("post", ME, {"first_name": "Janet"}, 200),
        ("patch", ME, {"first_name": "Janet"}, 200),
        ("post", REFRESH, None, 200),
        ("post", CONTACT, {"email": "new@example.com"}, 200),
        ("post", f"{ME}/password", {"old_password": PASSWORD, "password": NEW}, 200),
        ("post", f"{ME}/logout-all", None, 200),
        ("post", "/auth/verification/request", {"entity_id": EMAIL, "entity_type": "email"}, 201),
    ],
)
def test_the_cookie_opens_what_the_bearer_opens(device, method, path, body, status):
    assert device.request(method, path, body).status_code == status


def test_a_valid_bearer_wins_over_the_cookie(device, verified):
    other, token = verified("other@example.com")
    assert device.get(ME, token=token).json()["customer"]["id"] == other.id
    assert device.get(ME).json()["customer"]["id"] == device.jane.id


@pytest.mark.parametrize("bearer", ["junk", "", "a.b.c"])
def test_a_junk_bearer_beside_a_good_cookie_does_no_harm(device, bearer):
    assert device.get(ME, token=bearer).json()["customer"]["id"] == device.jane.id
    assert device.post(REFRESH, token=bearer).status_code == 200


def test_a_junk_cookie_beside_a_good_bearer_does_no_harm(api, verified):
    _, token = verified(EMAIL)
    api.client.cookies[COOKIE] = "junk"
    assert api.get(ME, token=token).status_code == 200
    assert is_nobody(api.get(ME))


def test_refresh_gives_a_token_and_leaves_the_cookie_as_it_is(device):
    kept = device.client.session
    [claims] = kept.values()
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        answer = device.post(REFRESH)
        assert COOKIE not in answer.cookies
        fresh = answer.json()["token"]
        assert claims_of(fresh)["exp"] > claims["exp"]
        assert device.client.session.session_key == kept.session_key
        assert list(device.client.session.values()) == [claims]
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert is_nobody(device.get(ME))
        assert device.get(ME, token=fresh).status_code == 200
        assert device.post(URL, token=fresh).status_code == 200
        assert device.get(ME).status_code == 200


# How it ends


def test_delete_ends_it_and_leaves_the_bearer_alive(device):
    answer = device.request("delete", URL)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.cookies[COOKIE].value == ""
    assert answer.cookies[COOKIE]["expires"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert not Session.objects.exists()
    assert is_nobody(device.get(ME))
    assert is_nobody(device.request("delete", URL))
    assert device.get(ME, token=device.token).status_code == 200


def test_delete_needs_the_cookie(api, device):
    assert is_nobody(api.request("delete", URL, token=device.token))
    assert is_nobody(api.request("delete", URL))
    assert device.get(ME).status_code == 200


def test_delete_removes_our_key_only(device):
    boss = new_user("boss", "boss@example.com", is_staff=True, is_superuser=True)
    device.client.force_login(boss)
    assert device.post(URL, token=device.token).status_code == 200
    assert device.client.get("/django-admin/").status_code == 200
    assert device.request("delete", URL).json() == {"success": True}
    assert is_nobody(device.get(ME))
    assert device.client.get("/django-admin/").status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_it_ends_with_the_claims(api, verified, seconds, status):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as traveller:
        _, token = verified(EMAIL)
        api.post(URL, token=token)
        traveller.shift(timedelta(days=1, seconds=seconds))
        assert api.get(ME).status_code == status
        assert api.post(REFRESH).status_code == status


@pytest.mark.parametrize("end", ["password", "contact", "logout-all", "inactive", "deletion", "reset", "erased"])
def test_it_dies_with_the_tokens(api, device, change_contact, reset_link, end):
    if end == "password":
        api.post(f"{ME}/password", {"old_password": PASSWORD, "password": NEW}, token=device.token)
    elif end == "contact":
        change_contact(device.token, email="new@example.com")
    elif end == "logout-all":
        api.post(f"{ME}/logout-all", token=device.token)
    elif end == "reset":
        api.post(f"{LOGIN}/update", {"password": NEW}, token=reset_link())
    elif end == "inactive":
        get_user_model().objects.update(is_active=False)
    elif end == "deletion":
        Customer.objects.update(deletion_scheduled_at=timezone.now())
    else:
        get_user_model().objects.all().delete()
    for method, path in (("get", ME), ("post", REFRESH), ("post", CONTACT), ("post", f"{ME}/logout-all")):
        assert is_nobody(device.request(method, path))


def test_no_refreshing_past_the_sessions_end(api, configure, verified):
    configure(LOGIN={"SESSION_MAX_DAYS": 2}, TOKENS={"LIFETIME_MINUTES": 3 * 1440})
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        _, token = verified(EMAIL)
        api.post(URL, token=token)
        traveller.shift(timedelta(days=2, seconds=-2))
        assert api.post(REFRESH).status_code == 200
        traveller.shift(timedelta(seconds=4))
        assert is_nobody(api.post(REFRESH))


def test_d14_logging_in_again_by_cookie_starts_a_new_session(device):
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        token = device.post(LOGIN, {"email": EMAIL, "password": PASSWORD}).json()["token"]
        assert device.post(URL, token=token).status_code == 200
        assert device.get(ME).status_code == 200


# Where there are no sessions


def test_without_the_session_middleware_it_is_400_and_bearers_work(api, verified, settings):
    _, token = verified(EMAIL)
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    device = api.another()
    device.client.cookies[COOKIE] = "junk"
    answer = device.post(URL, token=token)
    assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
    assert answer.json()["code"] == "sessions_unavailable"
    assert is_nobody(device.request("delete", URL))
    assert is_nobody(device.get(ME))
    assert device.get(ME, token=token).status_code == 200
    assert device.post(REFRESH, token=token).status_code == 200


@pytest.mark.parametrize("method", ["post", "delete"])
def test_another_sites_page_is_refused(device, method):
    answer = device.request(method, URL, token=device.token, origin="https://evil.example")
    assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")
    assert answer.json()["code"] == "cross_site_request"
    assert device.get(ME).status_code == 200


def test_the_code_of_a_contact_change_may_come_from_another_device(api, device):
    flow = device.post(CONTACT, {"email": "new@example.com"}).json()["token"]
    proof = {"token": flow, "code": last_code("new@example.com")}
    assert api.post(f"{CONTACT}/verify", proof, token=device.token).status_code == 200
    assert is_nobody(device.get(ME))
