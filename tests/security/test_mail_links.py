"""Row E5: no header of a request decides where a mailed link leads."""

import pytest

from customer_registration.models import OtpVerification
from tests.conftest import link_token, messages_to
from tests.security.kinds import PHONES

EVIL = "evil.example.net"
HEADERS = {
    "Host": {"HTTP_HOST": EVIL},
    "Host with a port": {"HTTP_HOST": f"{EVIL}:8443"},
    "Host after a name of ours": {"HTTP_HOST": f"shop.example.com.{EVIL}"},
    "X-Forwarded-Host": {"HTTP_X_FORWARDED_HOST": EVIL},
    "X-Forwarded-Proto": {"HTTP_X_FORWARDED_PROTO": "http", "HTTP_X_FORWARDED_PORT": "8080"},
    "Forwarded": {"HTTP_FORWARDED": f"for=192.0.2.1;host={EVIL};proto=http"},
    "X-Original-URL": {"HTTP_X_ORIGINAL_URL": f"https://{EVIL}/", "HTTP_X_REWRITE_URL": f"https://{EVIL}/"},
    "Origin and Referer": {"HTTP_ORIGIN": f"https://{EVIL}", "HTTP_REFERER": f"https://{EVIL}/reset"},
    "all of them": {
        "HTTP_HOST": EVIL,
        "HTTP_X_FORWARDED_HOST": EVIL,
        "HTTP_X_FORWARDED_SERVER": EVIL,
        "HTTP_X_FORWARDED_PROTO": "javascript",
        "HTTP_FORWARDED": f"host={EVIL}",
        "SERVER_NAME": EVIL,
        "SERVER_PORT": "666",
    },
}


@pytest.fixture(params=HEADERS.values(), ids=HEADERS)
def post(request, api, settings):
    """Post with hostile headers, in a project that believes them."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.USE_X_FORWARDED_HOST = settings.USE_X_FORWARDED_PORT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def run(path, body, *, token=None):
        extra = dict(request.param) | ({"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {})
        with api.commit(execute=True):
            return api.client.post(path, body, content_type="application/json", **extra)

    return run


def assert_leads_to_the_shop(to, path):
    text = next(text for text in messages_to(to) if "token=" in text)
    assert f"https://shop.example.com{path}?token={link_token(to)}" in text
    links = [word for word in text.split() if "://" in word]
    assert links == [f"https://shop.example.com{path}?token={link_token(to)}"]
    assert EVIL not in text


def test_e5_a_reset_link_leads_to_the_configured_shop(wallet, post):
    wallet.bearer("jane")
    asked = post("/auth/customer/emailpass/reset-password", {"identifier": "jane@example.com"})
    assert asked.status_code == 201
    assert_leads_to_the_shop("jane@example.com", "/reset-password")


def test_e5_a_verification_link_leads_to_the_configured_shop(wallet, post):
    asked = {"entity_id": PHONES["jane"], "entity_type": "phone"}
    assert post("/auth/verification/request", asked, token=wallet.bearer("jane")).status_code == 201
    assert_leads_to_the_shop(PHONES["jane"], "/verify")


def test_e5_an_undo_link_leads_to_the_configured_shop(wallet, post):
    bearer = wallet.bearer("jane")
    asked = post("/store/customers/me/contact", {"email": "next@example.com"}, token=bearer)
    assert EVIL not in messages_to("next@example.com")[0]
    proof = {"token": asked.json()["token"], "code": OtpVerification.objects.latest("pk").code()}
    assert post("/store/customers/me/contact/verify", proof, token=bearer).status_code == 200
    assert_leads_to_the_shop("jane@example.com", "/contact-change/undo")
    assert EVIL not in messages_to("next@example.com")[0]


def test_e5_without_a_configured_shop_a_message_carries_the_token_and_no_link(wallet, configure, post):
    configure(STOREFRONT_URL=None)
    wallet.bearer("jane")
    post("/auth/customer/emailpass/reset-password", {"identifier": "jane@example.com"})
    [text, *_] = messages_to("jane@example.com")
    assert "://" not in text
    assert EVIL not in text
