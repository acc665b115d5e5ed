"""Row D19: the cookie's flags, its rotation, and the staff login that may live in the same browser."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as StoredSession
from django.test import Client

from customer_registration.models import Customer
from tests.conftest import PASSWORD, new_user

ADMIN, DELETIONS = "/django-admin/", "/admin/account-deletion-requests"


def open_session(client, bearer, **options):
    answer = client.post("/auth/session", headers={"authorization": f"Bearer {bearer}"}, **options)
    assert answer.status_code == 200, answer.content
    return answer


@pytest.fixture
def bearer(verified):
    return verified()[1]


@pytest.fixture
def staff(db):
    """A browser in which staff are logged in to Django's admin."""
    new_user("staff", "staff@example.com", is_staff=True, is_superuser=True)
    client = Client()
    name = {"username": "staff"} if not client.login(username="staff", password=PASSWORD) else None
    if name:
        assert client.login(username="staff@example.com", password=PASSWORD)
    assert client.get(ADMIN).status_code == 200
    return client


@pytest.mark.parametrize(
    ("secure", "debug", "setting", "expected"),
    [
        (True, False, False, True),
        (True, True, False, True),
        (False, False, False, True),
        (False, True, False, False),
        (False, True, True, True),
    ],
)
def test_d19_the_cookie_is_secure_over_https_and_wherever_debug_is_off(
    settings, client, bearer, secure, debug, setting, expected
):
    settings.DEBUG, settings.SESSION_COOKIE_SECURE = debug, setting
    cookie = open_session(client, bearer, secure=secure).cookies["sessionid"]
    assert bool(cookie["secure"]) is expected


def test_d19_the_cookie_is_http_only_and_same_site_on_every_path(settings, client, bearer):
    settings.SESSION_COOKIE_HTTPONLY = False  # a project's mistake is not the customers'
    cookie = open_session(client, bearer).cookies["sessionid"]
    assert (bool(cookie["httponly"]), cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["domain"] == ""
    assert int(cookie["max-age"]) > 0


def test_d19_the_cookie_follows_the_projects_names_and_paths(settings, client, bearer):
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_PATH = "shop", "/store"
    settings.SESSION_COOKIE_DOMAIN, settings.SESSION_COOKIE_SAMESITE = ".example.com", "Strict"
    cookie = open_session(client, bearer).cookies["shop"]
    assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/store", ".example.com", "Strict")


def test_no_other_answer_sets_a_session_cookie(client, bearer):
    headers = {"authorization": f"Bearer {bearer}"}
    assert not client.get("/store/customers/me", headers=headers).cookies
    assert not client.post("/auth/token/refresh", headers=headers).cookies
    open_session(client, bearer)
    for answer in (client.get("/store/customers/me"), client.post("/auth/token/refresh")):
        assert answer.status_code == 200
        assert not answer.cookies


def test_the_session_id_rotates_so_that_a_planted_one_is_worthless(client, bearer):
    """Session fixation: whoever knew the id before must not share the login."""
    planted = Client()
    open_session(planted, bearer)
    known = planted.cookies["sessionid"].value
    client.cookies["sessionid"] = known
    answer = open_session(client, bearer)
    assert answer.cookies["sessionid"].value != known
    assert not StoredSession.objects.filter(session_key=known).exists()
    thief = Client()
    thief.cookies["sessionid"] = known
    assert thief.get("/store/customers/me").status_code == 401


def test_an_invented_session_id_is_not_adopted(client, bearer):
    client.cookies["sessionid"] = "a" * 32
    assert open_session(client, bearer).cookies["sessionid"].value != "a" * 32


def test_the_end_of_a_session_removes_its_row_and_the_cookie(client, bearer):
    open_session(client, bearer)
    answer = client.delete("/auth/session")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert answer.cookies["sessionid"].value == ""
    assert answer.cookies["sessionid"]["max-age"] == 0
    assert not StoredSession.objects.exists()


def test_staff_stay_logged_in_to_the_admin_through_a_customers_session(staff, bearer):
    before = staff.session["_auth_user_id"]
    opened = open_session(staff, bearer)
    assert opened.cookies["sessionid"].value
    assert staff.get(ADMIN).status_code == 200
    assert staff.get("/store/customers/me").json()["customer"]["email"] == "jane@example.com"
    assert staff.delete("/auth/session").status_code == 200
    assert staff.session["_auth_user_id"] == before
    assert staff.get(ADMIN).status_code == 200
    assert staff.get("/store/customers/me").status_code == 401


def test_staff_who_log_out_of_the_admin_end_the_whole_browser_session(staff, bearer):
    open_session(staff, bearer)
    assert staff.post(f"{ADMIN}logout/").status_code == 200
    assert staff.get("/store/customers/me").status_code == 401


def test_a_customers_session_makes_nobody_of_djangos_user(client, bearer):
    """``auth.login()`` is never called, so no view of the project's takes a customer for a logged-in user."""
    open_session(client, bearer)
    page = client.get(f"{ADMIN}login/")
    assert page.status_code == 200
    assert not page.wsgi_request.user.is_authenticated
    assert set(client.session.keys()) == {"customer_registration"}


def test_a_customer_who_is_staff_too_does_not_get_into_the_admin_by_their_session(client, bearer):
    user = Customer.objects.get().user
    user.is_staff = user.is_superuser = True
    user.save()
    open_session(client, bearer)
    assert client.get(ADMIN).status_code == 302


def test_a_staff_login_of_the_admin_opens_no_customer_route(staff):
    assert staff.get("/store/customers/me").status_code == 401
    assert staff.post("/auth/token/refresh").status_code == 401
    assert staff.delete("/auth/session").status_code == 401
    assert staff.get(ADMIN).status_code == 200


def test_staff_read_deletion_requests_with_the_login_of_the_admin_and_customers_do_not(staff, client, bearer):
    assert client.get(DELETIONS).status_code == 401
    open_session(client, bearer)
    assert client.get(DELETIONS).status_code == 403
    assert staff.get(DELETIONS).status_code == 200
    assert staff.post(DELETIONS).status_code == 405


@pytest.mark.parametrize("lost", ["is_staff", "is_active"])
def test_the_login_of_the_admin_opens_nothing_once_its_user_is_no_staff(staff, lost):
    get_user_model().objects.update(**{lost: False})
    assert staff.get(DELETIONS).status_code == 401
