"""Section 1 of the HTTP contract: what holds on every route."""

import json

import pytest
from django.test import Client

from customer_registration.api.urls import urlpatterns
from tests.conftest import PASSWORD

REGISTER = "/auth/customer/emailpass/register"
BODY = {"email": "a@example.com", "password": PASSWORD}
PUBLIC = {
    REGISTER: BODY,
    "/auth/customer/emailpass": BODY,
    "/store/customers/otp/send": {"customer_id": "cus_x", "type": "email_verification"},
    "/store/customers/otp/verify": {"token": "x", "code": "1"},
    "/auth/verification/confirm": {"code": "a.b"},
}


def raw(api, body: bytes, content_type: str = "application/json", path: str = REGISTER, **headers):
    return api.client.post(path, data=body, content_type=content_type, headers=headers)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_routes_never_look_at_a_stale_or_junk_bearer(api, path, sign_up):
    stale = sign_up("stale@example.com").token
    plain = api.post(path, PUBLIC[path])
    for token in ("junk", stale, "é", ""):
        api.client = Client()
        answer = api.post(path, PUBLIC[path], token=token)
        assert answer.status_code in (plain.status_code, 401 if path == REGISTER else plain.status_code, 429)
        assert answer.json() != {"message": "Unauthorized"}


def test_a_junk_bearer_costs_public_routes_no_query(api, counted):
    with counted() as plain:
        api.post("/auth/customer/emailpass", BODY)
    with counted() as junk:
        api.post("/auth/customer/emailpass", BODY, token="junk")
    assert len(plain.statements) == len(junk.statements)


@pytest.mark.parametrize(
    "body", [b"{", b"nope", b'{"a": 1', b"\xff\xfe", b'{"a": NaN}', b'{"a": 1e999}', b'{"email": "\\u0000"}']
)
def test_malformed_json(api, body):
    answer = raw(api, body)
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "invalid_data",
        "message": "Invalid request: The body is not valid JSON",
        "code": "invalid_json",
    }


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"true", b"1.5"])
def test_only_objects_are_bodies(api, body):
    answer = raw(api, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": "Invalid request: The body must be a JSON object"}


def test_a_body_over_100_kb_is_413(api):
    answer = raw(api, json.dumps({**BODY, "x": "y" * 100_000}).encode())
    assert answer.status_code == 413
    assert answer.json() == {"type": "invalid_data", "message": "The body is too large", "code": "body_too_large"}
    assert raw(api, json.dumps({**BODY, "x": "y" * 90_000}).encode()).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "text/plain", ""])
def test_an_empty_body_is_an_empty_object(api, content_type):
    answer = raw(api, b"", content_type)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Password should be a string"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"])
def test_json_only(api, content_type):
    answer = raw(api, json.dumps(BODY).encode(), content_type)
    assert answer.status_code == 415
    assert answer.json()["type"] == "unsupported_media_type"
    assert answer.json()["code"] == "unsupported_media_type"


@pytest.mark.parametrize("accept", ["text/plain", "text/html", "application/xml", "image/png", "nonsense"])
def test_accept_and_format_are_ignored(api, accept):
    answer = api.get("/auth/customer/providers?format=xml", accept=accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", REGISTER, BODY, 200),
        ("post", REGISTER, {}, 401),
        ("post", "/auth/customer/emailpass/reset-password", {"identifier": "a@example.com"}, 201),
        ("get", "/auth/customer/providers", None, 200),
        ("get", "/store/customers/me", None, 401),
        ("get", "/store/carts", None, 404),
        ("get", REGISTER, None, 405),
    ],
)
def test_no_answer_may_be_kept_by_what_stands_between(api, method, path, body, status):
    answer = getattr(api.client, method)(path, data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer["Cache-Control"] == "no-store, private"


def test_a_profile_is_not_kept_either(api, verified):
    _, login = verified()
    answer = api.get("/store/customers/me", token=login)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"


def test_djangos_cache_for_whole_sites_hands_nobody_what_is_somebody_elses(api, verified, settings):
    """Up to 6.1.0 it heeds ``private`` alone, and no bearer tells one person's answer from the next one's."""
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    (_, jane), (_, bob) = verified("jane@example.com"), verified("bob@example.com")
    answers = [api.get("/store/customers/me", token=token) for token in (jane, bob)]
    assert [answer.json()["customer"]["email"] for answer in answers] == ["jane@example.com", "bob@example.com"]
    assert api.get("/store/customers/me").status_code == 401


def test_a_wrong_method_is_405(api):
    answer = api.get(REGISTER, **{"accept-language": "de"})
    assert answer.status_code == 405
    assert answer.json() == {
        "type": "method_not_allowed",
        "message": "Method not allowed",
        "code": "method_not_allowed",
    }
    assert api.client.options(REGISTER).status_code == 405


@pytest.mark.parametrize("unknown", ["/auth/", "/auth/x", "/auth/a/b/c", "/store/", "/store/carts/x", f"{REGISTER}/"])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_unknown_paths_are_json_404_and_never_redirected(api, unknown, method, settings):
    settings.APPEND_SLASH = True
    answer = getattr(api.client, method)(unknown)
    assert answer.status_code == 404
    assert answer.json() == {"type": "not_found", "message": "Not found", "code": "not_found"}


@pytest.mark.parametrize("known", ["/store/customers/me", "/auth/customer/providers"])
def test_a_trailing_slash_is_another_path(api, known):
    assert api.get(f"{known}/").status_code == 404


class TestPublishableKeys:
    MISSING = {
        "type": "not_allowed",
        "message": "Publishable API key required in the request header: x-publishable-api-key. "
        "You can manage your keys in settings in the dashboard.",
    }
    UNKNOWN = {"type": "not_allowed", "message": "A valid publishable key is required to proceed with the request"}

    @pytest.fixture(autouse=True)
    def keys(self, configure):
        configure(PUBLISHABLE_API_KEYS=["pk_one", "pk_two"])

    @pytest.mark.parametrize(
        "path", ["/store/customers", "/store/customers/otp/send", "/store/customers/otp/verify", "/store/nope"]
    )
    def test_the_key_comes_before_guard_json_and_routing(self, api, path):
        for headers, body in [({}, self.MISSING), ({"x-publishable-api-key": ""}, self.MISSING)]:
            answer = raw(api, b"{nonsense", path=path, **headers)
            assert (answer.status_code, answer.json()) == (400, body)
        for key in ("pk_three", "pk_one,pk_two", "é"):
            answer = raw(api, b"{nonsense", path=path, **{"x-publishable-api-key": key})
            assert (answer.status_code, answer.json()) == (400, self.UNKNOWN)

    def test_a_known_key_opens(self, api):
        for key in ("pk_one", "pk_two"):
            answer = api.get("/store/customers/me", **{"x-publishable-api-key": key})
            assert answer.json() == {"message": "Unauthorized"}

    def test_auth_needs_none(self, api):
        assert api.post(REGISTER, BODY).status_code == 200

    def test_the_size_comes_before_the_key(self, api):
        assert raw(api, b"x" * 100_001, path="/store/customers").status_code == 413


def test_the_guard_comes_before_json(api):
    answer = raw(api, b"{nonsense", path="/store/customers")
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_providers_have_exactly_four_keys(api):
    answer = api.get("/auth/customer/providers")
    assert answer.json() == {
        "providers": [
            {
                "id": "emailpass",
                "identifier": "emailpass",
                "display_name": "Email/Password Authentication",
                "flow": "credentials",
            },
            {"id": "otp", "identifier": "otp", "display_name": "One-Time Code Authentication", "flow": "credentials"},
        ]
    }
    assert [row["id"] for row in api.get("/auth/user/providers").json()["providers"]] == ["emailpass", "otp"]
    assert api.get("/auth/vendor/providers").json() == {"providers": []}


def test_providers_follow_the_login_mode(api, configure):
    configure(LOGIN={"IDENTIFIER": "both"})
    offered = [row["id"] for row in api.get("/auth/customer/providers").json()["providers"]]
    assert offered == ["emailpass", "phonepass", "otp"]


def test_an_unforeseen_failure_is_the_envelope_and_django_hears_of_it(api, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("customer_registration.flows.registration.register", broken)
    api.client.raise_request_exception = False
    answer = api.post(REGISTER, BODY)
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "unexpected_state",
        "message": "An unknown error occurred.",
        "code": "unexpected_state",
    }
    assert answer.exc_info is not None


def test_a_database_that_is_gone_is_503(api, monkeypatch):
    from django.db import OperationalError

    def gone(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("customer_registration.flows.registration.register", gone)
    answer = api.post(REGISTER, BODY)
    assert answer.status_code == 503
    assert (answer.json()["type"], answer.json()["code"]) == ("unavailable", "database_unavailable")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.urls("tests.api.prefixed_urls")
def test_everything_works_under_a_prefix(api):
    assert api.post(f"/shop/api{REGISTER}", BODY).status_code == 200
    assert api.get("/shop/api/store/customers/me").json() == {"message": "Unauthorized"}
    assert api.get("/shop/api/store/nope").json()["type"] == "not_found"
    assert api.get("/store/customers/me").status_code == 404


def test_a_hosts_rest_framework_settings_change_nothing(api, settings):
    settings.REST_FRAMEWORK = {
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
        "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
        "DEFAULT_THROTTLE_RATES": {"anon": "1/day"},
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
        "EXCEPTION_HANDLER": "tests.api.test_conventions.nobody",
        "UNICODE_JSON": False,
        "COMPACT_JSON": False,
    }
    assert api.post(REGISTER, {**BODY, "email": "b@example.com"}).status_code == 200
    assert api.post(REGISTER, BODY).headers["Content-Type"] == "application/json"


def test_views_stay_out_of_atomic_requests():
    for pattern in urlpatterns:
        assert pattern.callback._non_atomic_requests == {"default"}, pattern


def test_only_reset_may_answer_without_json(api, verified):
    for answer in (api.get("/auth/customer/providers"), api.post(REGISTER, BODY), api.get("/store/customers/me")):
        assert answer.content
        assert answer.status_code not in (204, 304)
        assert answer.headers["Content-Type"] == "application/json"
