"""The two functions that need no client."""

import json

import httpx
import pytest

from customer_registration.client import Unauthorized, complete_password_reset, request_password_reset

BASE_URL = "https://shop.example.com/api"


@pytest.mark.parametrize("identifier", [{"email": "jane@example.com"}, {"phone": "+12025550123"}])
@pytest.mark.parametrize("key", [None, "pk_1"])
def test_a_link_is_asked_for(shop, identifier, key):
    shop.will({"status_code": 201, "text": "Created"})
    transport = httpx.MockTransport(shop)
    request_password_reset(identifier, base_url=BASE_URL, publishable_api_key=key, transport=transport)
    assert str(shop.asked.url) == f"{BASE_URL}/auth/customer/emailpass/reset-password"
    assert shop.asked.method == "POST"
    assert json.loads(shop.asked.content) == identifier
    assert shop.asked.headers.get("x-publishable-api-key") == key


@pytest.mark.parametrize("identifier", [{}, {"email": "jane@example.com"}, {"phone": "+12025550123"}])
@pytest.mark.parametrize("key", [None, "pk_1"])
def test_the_new_password_goes_with_the_links_token(shop, identifier, key):
    shop.will({"status_code": 200, "json": {"success": True}})
    transport = httpx.MockTransport(shop)
    body = {**identifier, "password": "correct horse", "token": "link"}
    complete_password_reset(body, base_url=BASE_URL, publishable_api_key=key, transport=transport)
    assert str(shop.asked.url) == f"{BASE_URL}/auth/customer/emailpass/update"
    assert json.loads(shop.asked.content) == {**identifier, "password": "correct horse"}
    assert shop.asked.headers["authorization"] == "Bearer link"
    assert shop.asked.headers.get("x-publishable-api-key") == key


def test_a_refusal_is_an_error(shop):
    shop.will({"status_code": 401, "json": {"type": "unauthorized", "message": "Invalid token"}})
    with pytest.raises(Unauthorized, match="Invalid token"):
        complete_password_reset(
            {"password": "correct horse", "token": "link"}, base_url=BASE_URL, transport=httpx.MockTransport(shop)
        )


@pytest.mark.parametrize("identifier", [{"mail": "jane@example.com"}, {"email": "a", "token": "b"}])
def test_a_slip_of_the_pen_is_an_error_at_once(shop, identifier):
    with pytest.raises(TypeError):
        request_password_reset(identifier, base_url=BASE_URL, transport=httpx.MockTransport(shop))
    assert not shop.requests
