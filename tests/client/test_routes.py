"""What each method sends, and what it makes of the answer."""

import inspect
import json

import pytest

from customer_registration.client import AsyncStorefrontClient, Call, StorefrontClient
from tests.client import answers as a
from tests.client import rows_by_code

TOKEN, PASSWORD = {"token": "new"}, "correct horse"
EMAIL, PHONE = "jane@example.com", "+12025550123"
UNDO, SUCCESS = "/store/customers/contact/undo", {"success": True}
ME, LEAVE = "/store/customers/me", "/store/customers/account-deletion"

# method, arguments, request, body, answer, result
PUBLIC = [
    *rows_by_code.PUBLIC,
    (
        "register",
        {"email": EMAIL, "password": PASSWORD},
        "POST /auth/customer/emailpass/register",
        {"email": EMAIL, "password": PASSWORD},
        TOKEN,
        "new",
    ),
    (
        "register",
        {"phone": PHONE, "password": PASSWORD, "provider": "phonepass"},
        "POST /auth/customer/phonepass/register",
        {"phone": PHONE, "password": PASSWORD},
        TOKEN,
        "new",
    ),
    (
        "login",
        {"email_or_phone": PHONE, "password": PASSWORD},
        "POST /auth/customer/emailpass",
        {"email_or_phone": PHONE, "password": PASSWORD},
        TOKEN,
        a.LOGIN,
    ),
    (
        "login",
        {"email": EMAIL, "password": PASSWORD, "actor": "user"},
        "POST /auth/user/emailpass",
        {"email": EMAIL, "password": PASSWORD},
        TOKEN,
        a.LOGIN,
    ),
    (
        "login",
        {"phone": PHONE, "password": PASSWORD, "actor": "a/b", "provider": "c?d"},
        "POST /auth/a%2Fb/c%3Fd",
        {"phone": PHONE, "password": PASSWORD},
        TOKEN,
        a.LOGIN,
    ),
    ("list_providers", {}, "GET /auth/customer/providers", None, {"providers": [a.PROVIDER]}, a.OFFERED),
    ("list_providers", {"actor": "user"}, "GET /auth/user/providers", None, {"providers": []}, []),
    (
        "send_code",
        {"customer_id": "cus_1", "type": "phone_verification"},
        "POST /store/customers/otp/send",
        {"customer_id": "cus_1", "type": "phone_verification"},
        a.CHALLENGE,
        a.SENT,
    ),
    (
        "verify_code",
        {"token": "flow", "code": "123456"},
        "POST /store/customers/otp/verify",
        {"token": "flow", "code": "123456"},
        a.VERIFIED,
        a.PROVEN,
    ),
    ("undo_contact_change", {"token": "undo"}, f"POST {UNDO}", {"token": "undo"}, SUCCESS, None),
    (
        "confirm_account_deletion",
        {"token": "flow", "code": "123456"},
        f"POST {LEAVE}/confirm",
        {"token": "flow", "code": "123456"},
        {"request": a.LEAVING},
        a.SCHEDULED,
    ),
    (
        "request_deletion_cancellation",
        {"email_or_phone": PHONE},
        f"POST {LEAVE}/cancel-request",
        {"email_or_phone": PHONE},
        a.CHALLENGE,
        a.SENT,
    ),
    (
        "confirm_deletion_cancellation",
        {"token": "flow", "code": "123456"},
        f"POST {LEAVE}/cancel-confirm",
        {"token": "flow", "code": "123456"},
        {"request": a.LEAVING},
        a.SCHEDULED,
    ),
]
OWN = [
    *rows_by_code.OWN,
    ("refresh", {}, "POST /auth/token/refresh", None, TOKEN, a.LOGIN),
    ("open_session", {}, "POST /auth/session", None, {"user": {"actor_id": "cus_1"}}, {"actor_id": "cus_1"}),
    ("end_session", {}, "DELETE /auth/session", None, SUCCESS, None),
    ("log_out_everywhere", {}, f"POST {ME}/logout-all", None, SUCCESS, None),
    ("create_customer", {}, "POST /store/customers", {}, {"customer": a.CUSTOMER}, a.JANE),
    (
        "create_customer",
        {"phone": PHONE, "first_name": "Jane", "last_name": "", "company_name": "Acme", "metadata": {"size": 5}},
        "POST /store/customers",
        {"phone": PHONE, "first_name": "Jane", "last_name": "", "company_name": "Acme", "metadata": {"size": 5}},
        {"customer": a.CUSTOMER},
        a.JANE,
    ),
    ("me", {}, f"GET {ME}", None, {"customer": a.CUSTOMER}, a.JANE),
    (
        "update_me",
        {"first_name": "Jane", "last_name": None, "metadata": None},
        f"POST {ME}",
        {"first_name": "Jane", "last_name": None, "metadata": None},
        {"customer": a.CUSTOMER},
        a.JANE,
    ),
    (
        "request_verification",
        {"entity_id": EMAIL, "entity_type": "email"},
        "POST /auth/verification/request",
        {"entity_id": EMAIL, "entity_type": "email"},
        {"verification": a.VERIFICATION},
        a.ASKED,
    ),
    (
        "request_verification",
        {"entity_id": PHONE, "entity_type": "phone", "code_provider": "otp", "metadata": {"a": 1}},
        "POST /auth/verification/request",
        {"entity_id": PHONE, "entity_type": "phone", "code_provider": "otp", "metadata": {"a": 1}},
        {"verification": a.VERIFICATION},
        a.ASKED,
    ),
    (
        "confirm_verification",
        {"code": "123456", "code_provider": "otp"},
        "POST /auth/verification/confirm",
        {"code": "123456", "code_provider": "otp"},
        a.CONFIRMATION,
        a.CONFIRMED,
    ),
    ("change_contact", {"email": EMAIL}, f"POST {ME}/contact", {"email": EMAIL}, a.CHALLENGE, a.SENT),
    ("change_contact", {"phone": PHONE}, f"POST {ME}/contact", {"phone": PHONE}, a.CHALLENGE, a.SENT),
    (
        "verify_contact",
        {"token": "flow", "code": "123456"},
        f"POST {ME}/contact/verify",
        {"token": "flow", "code": "123456"},
        {"customer": a.CUSTOMER, "token": "new"},
        a.CHANGED,
    ),
    (
        "change_password",
        {"password": PASSWORD, "old_password": "old"},
        f"POST {ME}/password",
        {"password": PASSWORD, "old_password": "old"},
        TOKEN,
        "new",
    ),
    ("change_password", {"password": PASSWORD}, f"POST {ME}/password", {"password": PASSWORD}, TOKEN, "new"),
    ("request_account_deletion", {}, f"POST {LEAVE}/request", {}, a.CHALLENGE, a.SENT),
    ("request_account_deletion", {"reason": "?"}, f"POST {LEAVE}/request", {"reason": "?"}, a.CHALLENGE, a.SENT),
]


def id_of(row):
    return f"{row[0]}-{'-'.join(row[1])}" if isinstance(row, tuple) else None


def assert_sent(request, line, body):
    assert f"{request.method} {request.url.raw_path.decode()}" == line
    assert request.headers["accept"] == "application/json"
    if body is None:
        assert request.content == b""
        assert "content-type" not in request.headers
    else:
        assert json.loads(request.content) == body
        assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("row", PUBLIC, ids=id_of)
def test_a_public_route_sends_no_bearer(visit, shop, row):
    name, arguments, line, body, answer, result = row
    shop.will({"status_code": 200, "json": answer})
    assert getattr(visit(token="mine"), name)(**arguments) == result
    assert_sent(shop.asked, line, body)
    assert "authorization" not in shop.asked.headers


@pytest.mark.parametrize("row", OWN, ids=id_of)
def test_any_other_route_sends_the_clients_token(visit, shop, row):
    name, arguments, line, body, answer, result = row
    shop.will({"status_code": 201, "json": answer})
    assert getattr(visit(token="mine"), name)(**arguments) == result
    assert_sent(shop.asked, line, body)
    assert shop.asked.headers["authorization"] == "Bearer mine"


@pytest.mark.parametrize("name", ["email", "phone", "email_or_phone", "identifier"])
def test_asking_for_a_reset_is_answered_in_plain_text(visit, shop, name):
    shop.will({"status_code": 201, "text": "Created"})
    assert visit(token="mine").request_password_reset(**{name: "jane"}, metadata={"a": 1}) is None
    assert (shop.asked.method, shop.asked.url.path) == ("POST", "/auth/customer/emailpass/reset-password")
    assert json.loads(shop.asked.content) == {name: "jane", "metadata": {"a": 1}}
    assert shop.asked.headers["accept"] == "text/plain"
    assert "authorization" not in shop.asked.headers


def test_a_reset_is_completed_with_the_links_token(visit, shop):
    shop.will({"status_code": 200, "json": SUCCESS})
    visitor = visit(token="mine")
    assert visitor.complete_password_reset(password=PASSWORD, token="link", phone=PHONE, provider="phonepass") is None
    assert_sent(shop.asked, "POST /auth/customer/phonepass/update", {"password": PASSWORD, "phone": PHONE})
    assert shop.asked.headers["authorization"] == "Bearer link"
    assert visitor.token == "mine"


@pytest.mark.parametrize("client", [StorefrontClient, AsyncStorefrontClient])
def test_every_route_is_listed_here_and_explained(client):
    theirs = {name for name, value in vars(client).items() if callable(value) and not name.startswith("_")}
    routes = theirs - {"run", "close", "aclose"}
    assert routes == {row[0] for row in PUBLIC + OWN} | {"request_password_reset", "complete_password_reset"}
    for name in routes:
        method = getattr(client, name)
        assert method.__name__ == name
        assert "Raises:" in method.__doc__
        signature = inspect.signature(method)
        assert next(iter(signature.parameters)) == "self"
        assert "Call" not in str(signature.return_annotation)


def test_without_a_token_there_is_no_bearer(visit, shop):
    shop.will({"status_code": 200, "json": {"customer": a.CUSTOMER}})
    visit().me()
    assert "authorization" not in shop.asked.headers


def test_the_base_url_may_have_a_path(visit, shop):
    visit(base_url="https://shop.example.com/api/").run(Call(path="/store/x", read=dict))
    assert str(shop.asked.url) == "https://shop.example.com/api/store/x"


def test_a_key_and_headers_go_with_every_request(visit, shop):
    visitor = visit(publishable_api_key="pk_1", headers={"x-forwarded-for": "192.0.2.1", "accept-language": "de"})
    visitor.run(Call(path="/store/x", read=dict))
    sent = shop.asked.headers
    assert (sent["x-publishable-api-key"], sent["x-forwarded-for"]) == ("pk_1", "192.0.2.1")
    assert sent["accept-language"] == "de"


def test_without_a_key_there_is_no_header(visit, shop):
    visit().run(Call(path="/store/x", read=dict))
    assert "x-publishable-api-key" not in shop.asked.headers


def test_a_route_of_ones_own_can_be_run(visit, shop):
    shop.will({"status_code": 200, "json": {"n": 5}})
    call = Call(method="PUT", path="/store/n", body={"n": 4}, read=lambda answer: answer["n"] + 1)
    assert visit(token="mine").run(call) == 6
    assert_sent(shop.asked, "PUT /store/n", {"n": 4})


def test_the_timeout_is_in_seconds(visit, shop):
    for options in ({}, {"timeout": 3}):
        visit(**options).run(Call(path="/store/x", read=dict))
    waits = [request.extensions["timeout"] for request in shop.requests]
    assert waits == [dict.fromkeys(("connect", "read", "write", "pool"), seconds) for seconds in (10, 3)]


def test_what_json_has_no_word_for_is_not_sent(visit, shop):
    with pytest.raises(ValueError, match="not JSON compliant"):
        visit().create_customer(metadata={"size": float("nan")})
    assert not shop.requests


@pytest.mark.parametrize("url", ["", "shop.example.com", "ftp://shop.example.com"])
def test_a_base_url_that_is_none_is_refused_at_once(visit, url):
    with pytest.raises(ValueError, match="base_url must begin with"):
        visit(base_url=url)


def test_keys_of_a_newer_server_are_ignored(visit, shop):
    shop.will({"status_code": 200, "json": {"customer": {**a.CUSTOMER, "points": 7}, "more": 1}})
    assert visit().me() == a.JANE


def test_metadata_that_was_never_set_is_empty(visit, shop):
    shop.will({"status_code": 200, "json": {"customer": {**a.CUSTOMER, "metadata": None}}})
    assert visit().me().metadata == {}
