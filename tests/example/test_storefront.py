"""The shop's pages as the server sends them; what their scripts do is seen in a real browser."""

import inspect
import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from customer_registration import exceptions
from customer_registration.api import errors
from example_project.storefront import texts

ENTRY = ("/sign-up", "/log-in", "/forgot-password")
PAGES = ("/", *ENTRY, "/verify", "/reset-password", "/contact-change/undo")
LABELS = {
    "email": (["E-mail address"], ["Phone number", "E-mail address or phone number"]),
    "phone": (["Phone number"], ["E-mail address"]),
    "both": (["E-mail address", "Phone number", "E-mail address or phone number"], []),
}
INLINE = re.compile(r"""\s(on\w+|style)=["']|href=["']javascript:|<script(?![^>]*(\ssrc=|type="application/json"))""")


@pytest.fixture
def page(db):
    """Open a page as somebody who has no session."""

    def open_page(path: str, language: str = "en") -> HttpResponse:
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client.get(path)

    return open_page


def labels(*pages: HttpResponse) -> list[str]:
    return [each.strip() for page in pages for each in re.findall(r"<label[^>]*>([^<]*)", page.content.decode())]


@pytest.mark.parametrize("mode", LABELS)
def test_pages_ask_for_what_the_mode_takes(page, configure, mode):
    configure(REGISTRATION={"IDENTIFIER": mode})
    there, not_there = LABELS[mode]
    seen = labels(*map(page, ENTRY))
    assert {*there, "First name", "Last name", "Password", "Code"} <= {*seen}
    assert not {*not_there} & {*seen}


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_no_script_but_their_own(page, path):
    answer = page(path)
    assert answer.status_code == 200
    assert not INLINE.search(answer.content.decode())
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("language", "_name"), settings.LANGUAGES)
def test_pages_say_in_which_language_and_direction_they_are(page, language, _name):
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page("/sign-up", language).content.decode()


def test_only_ways_in_that_the_shop_offers_are_shown(page, configure):
    assert "Log in with a code" in page("/log-in").content.decode()
    configure(PROVIDERS={"customer": ["emailpass"]})
    assert "Log in with a code" not in page("/log-in").content.decode()
    configure(PROVIDERS={"customer": ["otp"]})
    assert "Password" not in labels(page("/log-in"), page("/sign-up"))
    assert page("/forgot-password").status_code == 404


def test_the_server_knows_who_is_logged_in(api, register, verified):
    client = api.client

    def nav() -> list[str]:
        return re.findall(r'href="(/account|/log-in|/sign-up)"', client.get("/verify").content.decode())

    api.post("/auth/session", token=register("new@example.com"))
    assert nav() == ["/log-in", "/sign-up"], "a registration is no login yet"
    _, token = verified("jane@example.com")
    api.post("/auth/session", token=token)
    assert nav() == ["/account"]
    assert client.get("/log-in?next=/inbox").headers["Location"] == "/inbox"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%09//evil.example",
        "/%0a\\\\evil.example",
        "javascript:",
        "",
    ],
)
def test_a_login_leads_nowhere_else(page, path):
    assert page(f"/log-in?next={path}").context["shop"]["next"] == "/account"


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_path_is_told_in_the_shops_own_words(db, client, method):
    answer = getattr(client, method)("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_every_code_of_an_api_error_has_a_text():
    domain = {each.code for each in vars(exceptions).values() if inspect.isclass(each) and hasattr(each, "code")}
    plain = re.findall(r'_plain\("\w+", "[^"]*", "(\w+)"', inspect.getsource(errors))
    assert len(plain) > 5
    assert {*plain, *domain} - {None} - {*texts.by_code()} == set()


def test_attempts_are_spelled_out_for_every_number():
    counted = texts.code_texts()["attempts"]
    assert (counted[0], counted[1], counted[10]) == ("0 attempts left", "1 attempt left", "10 attempts left")
