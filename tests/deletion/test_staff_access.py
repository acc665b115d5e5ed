"""/admin/account-deletion-requests: who is staff, and what the app claims under /admin."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import Resolver404, resolve

from customer_registration.models import AccountDeletionRequest
from tests.conftest import PASSWORD, new_user

URL = "/admin/account-deletion-requests"
ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PATHS = [URL, f"{URL}/{ID}"]
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
GUARD = {"message": "Unauthorized"}
STAFF_ONLY = {"type": "forbidden", "message": "Only staff may do this", "code": "staff_only"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_request(db):
    return AccountDeletionRequest.objects.create(pk=ID, customer_ref="cus_x", active_customer_id="cus_x")


def is_nobody(answer):
    return (answer.status_code, answer.json()) == (401, GUARD)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_may_not(api, path):
    for token in (None, "junk", "", "a.b.c"):
        assert is_nobody(api.get(path, token=token))
        assert "WWW-Authenticate" not in api.get(path, token=token).headers


@pytest.mark.parametrize("path", PATHS)
def test_customers_are_forbidden(api, verified, path):
    person, token = verified()
    for bearer in (token, person.token):
        answer = api.get(path, token=bearer)
        assert (answer.status_code, answer.json()) == (403, STAFF_ONLY)
    browser = api.another()
    browser.post("/auth/session", token=token)
    assert browser.get(path).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_a_customer_whose_session_has_ended_is_nobody(api, leaving, path):
    assert is_nobody(api.get(path, token=leaving().bearer))


@pytest.mark.parametrize("path", PATHS)
def test_staff_may_by_jwt(api, staff, path):
    assert api.get(path, token=staff).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_staff_may_by_our_cookie(api, staff, path):
    browser = api.another()
    assert browser.post("/auth/session", token=staff).status_code == 200
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_staff_may_by_the_session_of_djangos_admin(api, boss, path):
    browser = api.another()
    browser.client.force_login(boss, backend=MODEL_BACKEND)
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}, {"password": "!x"}])
def test_whoever_is_staff_no_more_is_nobody_by_any_road(api, boss, staff, path, change):
    by_cookie, by_session = api.another(), api.another()
    by_cookie.post("/auth/session", token=staff)
    by_session.client.force_login(boss, backend=MODEL_BACKEND)
    get_user_model().objects.filter(pk=boss.pk).update(**change)
    for answer in (api.get(path, token=staff), by_cookie.get(path), by_session.get(path)):
        assert is_nobody(answer)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("flags", [{}, {"is_superuser": True}])
def test_a_django_session_of_somebody_who_is_no_staff_is_nobodys(api, path, flags):
    shopper = new_user("shopper", "shopper@example.com", **flags)
    browser = api.another()
    browser.client.force_login(shopper, backend=MODEL_BACKEND)
    assert is_nobody(browser.get(path))


@pytest.mark.parametrize("path", PATHS)
def test_no_publishable_key_is_asked_for(api, staff, configure, path):
    configure(PUBLISHABLE_API_KEYS=["pk_one"])
    assert api.get(path, token=staff).status_code == 200
    assert is_nobody(api.get(path))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_there_is_nothing_to_change(api, staff, path, method):
    answer = api.request(method, path, {}, token=staff)
    assert (answer.status_code, answer.json()["type"]) == (405, "method_not_allowed")
    assert is_nobody(api.request(method, path, {}))


@pytest.mark.parametrize("path", PATHS)
def test_a_project_without_djangos_sessions_asks_for_a_token(api, staff, settings, path):
    off = ("Session", "Authentication", "Message")
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not any(each in name for each in off)]
    assert api.get(path, token=staff).status_code == 200
    assert is_nobody(api.get(path))


# Where


@pytest.mark.urls("tests.api.prefixed_urls")
@pytest.mark.parametrize("path", PATHS)
def test_both_work_under_a_prefix(api, boss, path):
    login = {"email": boss.email, "password": PASSWORD}
    token = api.post("/shop/api/auth/user/emailpass", login).json()["token"]
    assert ID in api.get(f"/shop/api{path}", token=token).content.decode()
    assert is_nobody(api.get(f"/shop/api{path}"))
    assert api.get(path, token=token).status_code == 404


@pytest.mark.urls("tests.api.prefixed_urls")
@pytest.mark.parametrize("path", ["", "x", "account-deletion-requests/", "account-deletion-requests/x/y", "login/"])
def test_the_app_claims_nothing_else_under_admin(path):
    with pytest.raises(Resolver404):
        resolve(f"/shop/api/admin/{path}")


@pytest.mark.parametrize("path", ["/admin/x", f"{URL}/", f"{URL}/x/y"])
def test_the_example_answers_json_where_nobody_does(api, path):
    answer = api.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "not_found")
