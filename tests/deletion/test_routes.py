"""The four store routes keep to what holds on every route."""

import pytest

from tests.conftest import last_code
from tests.deletion.conftest import BASE, CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, EMAIL, REQUEST

ROUTES = [REQUEST, CONFIRM, CANCEL_REQUEST, CANCEL_CONFIRM]
PUBLIC = [CONFIRM, CANCEL_REQUEST, CANCEL_CONFIRM]
GUARD = {"message": "Unauthorized"}
KEY = "x-publishable-api-key"

pytestmark = pytest.mark.django_db


def raw(api, path, body, content_type="application/json", **headers):
    return api.client.post(path, data=body, content_type=content_type, headers=headers)


@pytest.mark.parametrize("path", ROUTES)
def test_the_publishable_key_comes_before_guard_json_and_schema(api, configure, path):
    configure(PUBLISHABLE_API_KEYS=["pk_one"])
    for headers, message in (({}, "Publishable API key required"), ({KEY: "pk_two"}, "A valid publishable key")):
        for body in (b"{nonsense", b"{}"):
            answer = raw(api, path, body, **headers)
            assert (answer.status_code, answer.json()["type"]) == (400, "not_allowed")
            assert answer.json()["message"].startswith(message)
    assert raw(api, path, b"x" * 100_001).status_code == 413


def test_with_the_key_one_may_leave_and_stay(api, configure, verified):
    _, token = verified()
    configure(PUBLISHABLE_API_KEYS=["pk_one"])
    steps = ((REQUEST, {}, CONFIRM), (CANCEL_REQUEST, {"email": EMAIL}, CANCEL_CONFIRM))
    for ask, body, confirm in steps:
        flow = api.post(ask, body, token=token, **{KEY: "pk_one"}).json()["token"]
        proof = {"token": flow, "code": last_code(EMAIL)}
        assert api.post(confirm, proof, **{KEY: "pk_one"}).status_code == 200


def test_the_guard_comes_before_json_and_schema(api, verified):
    _, token = verified()
    for body in (b"{nonsense", b'{"reason": 5}'):
        answer = raw(api, REQUEST, body)
        assert (answer.status_code, answer.json()) == (401, GUARD)
    answer = raw(api, REQUEST, b"{nonsense", authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("body", [b"{nonsense", b'{"token": "\\u0000"}', b'{"email": "\\ud800"}', b'{"x": NaN}'])
def test_malformed_json(api, path, body):
    answer = raw(api, path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("body", [b"[]", b"null", b"5"])
def test_only_objects_are_bodies(api, path, body):
    answer = raw(api, path, body)
    assert answer.status_code == 400
    assert answer.json() == {"type": "invalid_data", "message": "Invalid request: The body must be a JSON object"}


@pytest.mark.parametrize("path", PUBLIC)
def test_json_only(api, path):
    answer = raw(api, path, b"token=x", "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["type"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_wrong_method_is_405(api, path, method):
    answer = api.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", [BASE, f"{BASE}/", f"{BASE}/nope", *(f"{path}/" for path in ROUTES)])
def test_other_paths_are_json_404(api, path):
    answer = api.post(path, {})
    assert (answer.status_code, answer.json()["type"]) == (404, "not_found")


@pytest.mark.urls("tests.api.prefixed_urls")
def test_they_work_under_a_prefix(api):
    assert api.post(f"/shop/api{REQUEST}", {}).json() == GUARD
    assert api.post(f"/shop/api{CANCEL_REQUEST}", {"email": EMAIL}).status_code == 200
    for path in (CONFIRM, CANCEL_CONFIRM):
        answer = api.post(f"/shop/api{path}", {"token": "junk", "code": "1"})
        assert (answer.status_code, answer.json()["message"]) == (401, "Invalid token")
