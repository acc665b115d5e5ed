"""The token and the cookie that a client remembers."""

import asyncio

import httpx
import pytest

from customer_registration.client import AsyncStorefrontClient, LoginResult, StorefrontClient, Unauthorized
from tests.client import answers as a

CODE = {"token": "flow", "code": "123456"}
TYPED = {"identifier": "jane@example.com", "code": "123456"}
ARGUMENTS = {
    "register": {"email": "jane@example.com", "password": "correct horse"},
    "login": {"email": "jane@example.com", "password": "correct horse"},
    "refresh": {},
    "verify_code": CODE,
    "verify_contact": CODE,
    "change_password": {"password": "correct horse"},
    "register_with_code": TYPED,
    "login_with_code": TYPED,
    "login_with_registration_code": TYPED,
    "verify_mfa_challenge": {"challenge_id": "c", "method": "totp", "code": "123456"},
}
STEP = {"email": "jane@example.com", "password": "correct horse"}


@pytest.mark.parametrize("before", [None, "old"])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_answer_with_a_token_sets_it(visit, shop, name, before):
    shop.will({"status_code": 200, "json": a.VERIFIED})
    visitor = visit(token=before)
    getattr(visitor, name)(**ARGUMENTS[name])
    assert visitor.token == "new"


@pytest.mark.parametrize("name", ["login", "refresh", "login_with_code", "login_with_registration_code"])
@pytest.mark.parametrize("demand", ["verification_required", "mfa_required"])
def test_the_token_of_a_challenge_is_remembered_too(visit, shop, name, demand):
    shop.will({"status_code": 200, "json": {demand: True, "token": "actorless"}})
    visitor = visit(token="old")
    getattr(visitor, name)(**ARGUMENTS[name])
    assert visitor.token == "actorless"


def test_a_code_on_its_way_leaves_the_token(visit, shop):
    visitor = visit(token="old")
    for name, arguments in (("send_login_code", {"identifier": "e"}), ("send_registration_code", {"identifier": "e"})):
        shop.will({"status_code": 200, "json": a.SENT_CODE})
        assert getattr(visitor, name)(**arguments).token == "flow"
        assert visitor.token == "old"


def test_a_second_factor_is_shown_with_the_token_of_its_challenge(visit, shop):
    shop.will({"status_code": 200, "json": a.MFA_REQUIRED}, {"status_code": 200, "json": {"token": "full"}})
    visitor = visit(token="old")
    challenge = visitor.login(**ARGUMENTS["login"]).mfa_challenge
    assert visitor.verify_mfa_challenge(challenge.id, method="totp", code="123456") == LoginResult(token="full")
    assert shop.requests[-1].headers["authorization"] == "Bearer actorless"
    assert visitor.token == "full"


def test_the_cookie_of_a_two_step_login_takes_the_place_of_the_token(visit, shop):
    shop.will(
        {"status_code": 200, "json": {"customer": a.CUSTOMER}},
        {"status_code": 200, "json": {"customer": a.CUSTOMER}, "headers": {"set-cookie": "sid=1; Path=/; HttpOnly"}},
        {"status_code": 200, "json": {"customer": a.CUSTOMER}},
    )
    visitor = visit(token="somebody else's")
    visitor.start_two_step_login(**STEP)
    assert visitor.token == "somebody else's", "nobody is logged in yet"
    visitor.finish_two_step_login(email="jane@example.com", code="123456")
    assert visitor.token is None
    visitor.session_customer()
    assert [shop.requests[-1].headers.get(name) for name in ("cookie", "authorization")] == ["sid=1", None]


def test_a_two_step_login_that_asks_for_a_factor_gives_a_token_to_show_it_with(visit, shop):
    shop.will({"status_code": 200, "json": a.MFA_REQUIRED})
    visitor = visit(token="old")
    assert visitor.start_two_step_login(**STEP).mfa_challenge.methods == ("totp", "recovery_code")
    assert visitor.token == "actorless"


def test_a_factor_that_is_asked_for_at_the_second_step_gives_one_too(visit, shop):
    shop.will({"status_code": 200, "json": a.MFA_REQUIRED})
    visitor = visit(token="old")
    assert visitor.finish_two_step_login(email="jane@example.com", code="123456").mfa_required
    assert visitor.token == "actorless"


def test_proof_without_a_token_leaves_the_old_one(visit, shop):
    shop.will({"status_code": 200, "json": {**a.VERIFIED, "token": None, "needs_login": True}})
    visitor = visit(token="old")
    visitor.verify_code(**CODE)
    assert visitor.token == "old"


def test_the_next_request_sends_the_token_of_the_last_answer(visit, shop):
    shop.will(
        {"status_code": 200, "json": {"token": "new"}},
        {"status_code": 200, "json": {"customer": a.CUSTOMER}},
    )
    visitor = visit()
    visitor.login(**ARGUMENTS["login"])
    visitor.me()
    assert shop.requests[-1].headers["authorization"] == "Bearer new"


def test_the_token_can_be_set_and_unset(visit, shop):
    shop.will({"status_code": 200, "json": {"customer": a.CUSTOMER}})
    visitor = visit(token="old")
    for token in ("restored", None):
        visitor.client.token = token
        visitor.me()
    assert [request.headers.get("authorization") for request in shop.requests] == ["Bearer restored", None]


def test_a_refusal_leaves_the_token(visit, shop):
    shop.will({"status_code": 401, "json": {"message": "Unauthorized"}})
    visitor = visit(token="old")
    with pytest.raises(Unauthorized):
        visitor.refresh()
    assert visitor.token == "old"


def test_logging_out_everywhere_forgets_it(visit, shop):
    shop.will({"status_code": 200, "json": {"success": True}})
    visitor = visit(token="old")
    visitor.log_out_everywhere()
    assert visitor.token is None


def test_leaving_for_good_forgets_it_and_the_way_back_leaves_it(visit, shop):
    shop.will({"status_code": 200, "json": {"request": a.LEAVING}})
    visitor = visit(token="old")
    visitor.confirm_deletion_cancellation(**CODE)
    assert visitor.token == "old"
    visitor.confirm_account_deletion(**CODE)
    assert visitor.token is None


def test_the_cookie_of_a_session_comes_along_until_it_ends(visit, shop):
    shop.will(
        {"status_code": 200, "json": {"user": {}}, "headers": {"set-cookie": "sid=1; Path=/; HttpOnly; Secure"}},
        {"status_code": 200, "json": {"customer": a.CUSTOMER}},
        {"status_code": 200, "json": {"success": True}, "headers": {"set-cookie": "sid=; Path=/; Max-Age=0"}},
        {"status_code": 401, "json": {"message": "Unauthorized"}},
    )
    visitor = visit(token="mine")
    visitor.open_session()
    visitor.client.token = None
    visitor.me()
    visitor.end_session()
    with pytest.raises(Unauthorized):
        visitor.me()
    assert [request.headers.get("cookie") for request in shop.requests] == [None, "sid=1", "sid=1", None]


def test_visitors_share_neither_token_nor_cookies(visit, shop):
    shop.will({"status_code": 200, "json": {"token": "new"}, "headers": {"set-cookie": "sid=1; Path=/"}})
    one, other = visit(), visit()
    one.login(**ARGUMENTS["login"])
    shop.will({"status_code": 200, "json": {"customer": a.CUSTOMER}})
    other.me()
    assert "cookie" not in shop.requests[-1].headers
    assert "authorization" not in shop.requests[-1].headers


# Closing


class Closing(httpx.MockTransport):
    """A transport that knows whether it was closed."""

    closed = False

    def close(self):
        """Note it."""
        self.closed = True

    async def aclose(self):
        """Note it."""
        self.closed = True


def test_a_client_closes_its_own_connections():
    with StorefrontClient("https://shop.example.com") as client:
        assert not client._http.is_closed
    assert client._http.is_closed


def test_a_borrowed_transport_stays_open(shop):
    transport = Closing(shop)
    with StorefrontClient("https://shop.example.com", transport=transport):
        pass
    assert not transport.closed


async def use_and_close(**options):
    async with AsyncStorefrontClient("https://shop.example.com", **options) as client:
        assert not client._http.is_closed
    return client


def test_an_async_client_closes_its_own_connections():
    assert asyncio.run(use_and_close())._http.is_closed


def test_an_async_clients_borrowed_transport_stays_open(shop):
    transport = Closing(shop)
    asyncio.run(use_and_close(transport=transport))
    assert not transport.closed
