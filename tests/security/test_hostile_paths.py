"""Odd paths, query strings and methods: JSON answers, no redirect, nothing stored."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.urls import resolve

from customer_registration.models import AccountDeletionRequest, Customer
from tests.conftest import PASSWORD, new_user
from tests.security.hostile import CREDENTIALS, GUARD, ROUTES, wrong_with
from tests.security.kinds import DELETION

pytestmark = pytest.mark.hostile_input

SEGMENTS = {
    "NUL": "%00",
    "line feed": "a%0Ab",
    "carriage return": "%0D",
    "slash": "a%2Fb",
    "dots": "..%2F..",
    "space": "%20",
    "percent": "%25",
    "broken percent": "%zz",
    "broken UTF-8": "%FF%FE",
    "surrogate in UTF-8": "%ED%A0%80",
    "unicode": "k%C3%BCnde",
    "emoji": "%F0%9F%A6%84",
    "right-to-left override": "%E2%80%AE",
    "10,000 characters": "a" * 10_000,
    "SQL": "'%20OR%201=1--",
    "template": "%7B%7Bsettings%7D%7D",
    "dunder": "__class__",
    "attribute of an enum": "EMAILPASS",
    "semicolon": ";jsessionid=1",
}
SHAPES = [
    "/auth/{}/providers",
    "/auth/{}/emailpass",
    "/auth/customer/{}",
    "/auth/{}/{}/register",
    "/auth/{}",
    "/auth/customer/emailpass/{}",
    "/auth/token/refresh/{}",
    "/store/{}",
    "/store/customers/{}",
    "/store/customers/me{}",
]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


@pytest.mark.parametrize("segment", SEGMENTS.values(), ids=SEGMENTS)
def test_no_path_breaks_the_api(stranger, segment):
    for shape in SHAPES:
        path = shape.replace("{}", segment)
        stranger.send("GET", path)
        stranger.post(path, json.dumps(CREDENTIALS))
    stranger.is_content()


@pytest.mark.parametrize("path", ["/auth/no\nsuch", "/auth/a/b/c/d\n", "/store/no\nsuch", "/store/\n\n"])
def test_a_line_break_does_not_lead_out_of_the_api(path):
    """A host's own 404 page may be HTML."""
    assert resolve(path, "customer_registration.urls").url_name in ("unknown-auth", "unknown-store")


QUERIES = {
    "NUL": "email=%00&fields=%00",
    "broken UTF-8": "email=%FF&fields=%FF",
    "surrogate": "email=%ED%A0%80&fields=%ED%A0%80",
    "unicode": "email=m%C4%B1ke%40example.com&fields=%F0%9F%A6%84",
    "brackets": "email[]=a&email[b]=c&fields[]=id",
    "repeated": "email=a%40example.com&email=b%40example.com&fields=id&fields=email",
    "signs alone": "fields=%2B,-,*,%20,,,",
    "look-ups": "fields=user__password,user.password,__class__,%2Buser,*user",
    "all dropped": "fields=nothing",
    "format": "format=xml&page=-1&limit=9e9",
    "password": "password=x&email=jane%40example.com",
    "60 kB": "fields=" + "a," * 30_000,
    "2,000 parameters": "&".join(f"a{number}=1" for number in range(2_000)),
    "nothing": "&&&===&=&",
    "semicolons": "a=1;b=2",
    "raw bytes": "fields=\xff\xfe",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_query_string_breaks_the_api(stranger, query):
    stranger.post_everywhere(json.dumps({"password": "x"}), QUERY_STRING=query)
    jane = {"HTTP_AUTHORIZATION": f"Bearer {stranger.bearers['Jane']}"}
    for path in ("/store/customers/me", "/auth/customer/providers", "/auth/no/such/path"):
        stranger.send("GET", path, QUERY_STRING=query, **jane)
    stranger.is_content()


@pytest.mark.parametrize("method", METHODS)
def test_no_method_breaks_the_api(stranger, method):
    jane = {"HTTP_AUTHORIZATION": f"Bearer {stranger.bearers['Jane']}"}
    paths = [path for each in ROUTES.values() for path in each]
    for path in [*paths, "/store/customers/me", "/auth/customer/providers"]:
        stranger.send(method, path, b"{}")
        stranger.send(method, path, b"{}", **jane)
    stranger.is_content()


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(path for each in ROUTES.values() for path in each))
def test_a_slash_at_the_end_is_another_path_and_no_redirect(client, path):
    answer = client.post(f"{path}/", b"{}", content_type="application/json")
    assert answer.status_code == 404
    assert wrong_with(answer) is None


@pytest.mark.django_db
def test_a_fields_parameter_never_shows_what_is_not_the_customers(client, stranger):
    headers = {"authorization": f"Bearer {stranger.bearers['Jane']}"}
    query = "fields=%2Buser,%2Btoken_epoch,*user,user.password,email"
    answer = client.get(f"/store/customers/me?{query}", headers=headers)
    assert set(answer.json()["customer"]) == {"id", "email"}


ADMIN = "/admin/account-deletion-requests"
FILTERS = ("status", "customer_id", "q", "limit", "offset", "order")
FILTER_VALUES = {
    "empty": "",
    "blank": "%20",
    "NUL": "%00",
    "broken UTF-8": "%FF",
    "surrogate": "%ED%A0%80",
    "emoji": "%F0%9F%A6%84",
    "full-width digits": "%EF%BC%91%EF%BC%90",
    "superscript": "%C2%B2",
    "negative": "-1",
    "plus": "%2B1",
    "fraction": "1.5",
    "exponent": "1e3",
    "past 64 bits": "9" * 30,
    "10,000 digits": "9" * 10_000,
    "10,000 characters": "a" * 10_000,
    "wildcards": "%25_%25",
    "backslash": "%5C",
    "quote": "'",
    "SQL": "'%20OR%201=1--",
    "look-up": "customer__user__password",
    "look-up in reverse": "-customer__user__password",
    "two signs": "--id",
    "random": "?",
    "address": "jane%40example.com",
    "expands under NFKC": "%EF%B7%BA" * 200 + "%40example.com",
    "number": "%2B447400123457",
    "short number": "%2B4",
}


@pytest.fixture
def janes_request(stranger, api):
    """Return the path of Jane's wish to leave, as staff read it."""
    assert api.post(f"{DELETION}/request", token=stranger.bearers["Jane"]).status_code == 200
    return f"{ADMIN}/{AccountDeletionRequest.objects.get().pk}"


@pytest.fixture
def staff(janes_request, api):
    """Return a header of staff, who may read it."""
    new_user("staff", "staff@example.com", is_staff=True)
    answer = api.post("/auth/user/emailpass", {"email": "staff@example.com", "password": PASSWORD})
    return {"HTTP_AUTHORIZATION": f"Bearer {answer.json()['token']}"}


def test_no_filter_breaks_the_list_for_staff(stranger, staff):
    for query in QUERIES.values():
        stranger.send("GET", ADMIN, QUERY_STRING=query, **staff)
    for name in FILTERS:
        for value in FILTER_VALUES.values():
            stranger.send("GET", f"{ADMIN}?{name}={value}", **staff)
    stranger.is_content()
    assert set(stranger.statuses) == {200, 400}


def test_no_id_breaks_the_request_that_staff_look_up(stranger, staff):
    for segment in SEGMENTS.values():
        stranger.send("GET", f"{ADMIN}/{segment}", **staff)
    stranger.is_content()
    assert set(stranger.statuses) == {404}


def test_no_filter_and_no_id_answers_anybody_but_staff(stranger, janes_request, client):
    jane = {"HTTP_AUTHORIZATION": f"Bearer {stranger.bearers['Jane']}"}
    for path in (ADMIN, f"{ADMIN}?q=jane", f"{ADMIN}?nonsense=1", janes_request, f"{ADMIN}/nothing"):
        nobody, customer = client.get(path), client.get(path, **jane)
        assert (nobody.status_code, nobody.json()) == (401, GUARD), path
        assert (customer.status_code, customer.json()["code"]) == (403, "staff_only"), path


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_staff_only_read_there(stranger, janes_request, staff, method):
    for path in (ADMIN, janes_request):
        stranger.send(method, path, b"{}", **staff)
    stranger.is_content()
    assert set(stranger.statuses) == {405}


def test_a_search_is_no_pattern_and_shows_no_contact(stranger, staff, client):
    jane = Customer.objects.get(email="jane@example.com")
    get_user_model().objects.filter(is_staff=True).update(is_superuser=True)  # who may view may search by parts
    for text, count in (("jane@", 1), ("%25", 0), ("_ane", 0), ("j.*", 0), ("jane@example.com", 1)):
        answer = client.get(f"{ADMIN}?q={text}", **staff)
        assert answer.json()["count"] == count, text
        assert jane.email not in answer.content.decode()
        assert jane.phone not in answer.content.decode()


@pytest.mark.parametrize("error", [OperationalError, ValueError])
def test_a_path_forges_no_line_of_the_log(api, verified, caplog, error):
    """Django escapes what it logs of a path itself (CVE-2025-48432)."""
    _, token = verified()
    api.client.raise_request_exception = False

    def fail(*_):
        raise error

    with connection.execute_wrapper(fail):
        api.post("/auth/mfa/challenges/x%0AERROR%20forged%1B%5B31m/verify", token=token)
    [said] = [record.getMessage() for record in caplog.records if record.name == "customer_registration.api.errors"]
    assert r"/x\nERROR forged\x1b[31m/verify" in said
    assert not [line for line in said.splitlines() if line.startswith("ERROR")]
