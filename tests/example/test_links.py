"""The pages that mailed links lead to: they ask before they act, and work without JavaScript."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.conftest import PASSWORD, last_code

NEW = "a new password entirely"


@pytest.fixture
def page(db, django_capture_on_commit_callbacks):
    """Open a link as a browser does, then press the button of the page."""
    browser = Client(enforce_csrf_checks=True)

    def press(link, **typed):
        path = link.removeprefix("https://shop.example.com")
        asked = browser.get(path)
        assert asked.status_code == 200
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.content.decode()))
        with django_capture_on_commit_callbacks(execute=True):
            return browser.post(path.partition("?")[0], form | typed)

    return press


def newest_link(to):
    body = str(next(message.body for message in reversed(mail.outbox) if message.to == [to]))
    return re.search(r"https://\S+", body)[0]


@pytest.fixture
def reset_link(api, verified):
    verified("jane@example.com")
    api.post("/auth/customer/emailpass/reset-password", {"email": "jane@example.com"})
    return newest_link("jane@example.com")


def log_in(api, password, email="jane@example.com"):
    return api.post("/auth/customer/emailpass", {"email": email, "password": password}).status_code


def test_a_password_is_reset_once(api, page, reset_link):
    done = page(reset_link, password=NEW)
    assert done.status_code == 200
    assert "Your new password is saved" in done.content.decode()
    assert (log_in(api, NEW), log_in(api, PASSWORD)) == (200, 401)
    again = page(reset_link, password="yet another one entirely")
    assert again.status_code == 400
    assert "does not work any more" in again.content.decode()


def test_a_refused_password_can_be_tried_again(api, page, reset_link):
    refused = page(reset_link, password="12345")
    assert refused.status_code == 400
    assert "too short" in refused.content.decode()
    assert page(reset_link, password=NEW).status_code == 200


def test_opening_a_link_does_nothing(api, reset_link):
    opened = Client().get(reset_link.removeprefix("https://shop.example.com"))
    assert opened.headers["Referrer-Policy"] == "strict-origin"
    assert opened.headers["Cache-Control"] == "no-store"
    assert log_in(api, PASSWORD) == 200


def test_a_contact_change_is_taken_back(api, page, verified):
    person, token = verified("jane@example.com")
    flow = api.post("/store/customers/me/contact", {"email": "new@example.com"}, token=token).json()["token"]
    proof = {"token": flow, "code": last_code("new@example.com")}
    assert api.post("/store/customers/me/contact/verify", proof, token=token).status_code == 200
    assert person.row.email == "new@example.com"
    assert "earlier address is yours again" in page(newest_link("jane@example.com")).content.decode()
    assert person.row.email == "jane@example.com"


def test_an_address_is_confirmed(api, page, sign_up):
    person = sign_up()
    asked = {"entity_id": person.email, "entity_type": "email"}
    assert api.post("/auth/verification/request", asked, token=person.token).status_code == 201
    assert "confirmed" in page(newest_link(person.email)).content.decode()
    assert person.row.email_verified_at is not None


@pytest.mark.parametrize("path", ["/verify", "/reset-password", "/contact-change/undo"])
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\0", "x" * 5000, "'\"><script>"])
def test_junk_is_told_so(db, path, token):
    asked = Client().get(path, {"token": token})
    assert asked.status_code == 200
    assert "<script>" not in asked.content.decode()
    answer = Client().post(path, {"token": token, "password": NEW})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_a_form_without_its_cookie_is_refused_in_words(db):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/verify", {"token": "x"}, headers={"accept-language": "de"})
    assert answer.status_code == 403
    assert "Erlauben Sie Cookies" in answer.content.decode()
    assert "Osier" not in browser.post("/django-admin/login/").content.decode()
