"""The account's pages as the server sends them; what their scripts do is seen in a real browser."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.enums import FactorProvider, FactorStatus, Provider
from customer_registration.models import Customer, RecoveryCode, SecondFactor
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, Api

ACCOUNT, LEAVE, KEEP = "/account", "/account/leave", "/keep-account"
EMAIL, PHONE = "jane@example.com", "+14155552671"
NOW_PROVEN = {"email_verified_at": timezone.now(), "phone_verified_at": timezone.now()}
INLINE = re.compile(r"""\s(on\w+|style)=["']|href=["']javascript:|<script(?![^>]*(\ssrc=|type="application/json"))""")


@pytest.fixture
def logged_in(api: Api) -> Callable[..., Customer]:
    """Put a customer with a cookie session there, by rows alone."""

    def run(*, password: str | None = None, **fields: Any) -> Customer:
        user = get_user_model()(username="jane", email=EMAIL)
        user.set_password(password)
        user.save()
        now = timezone.now()
        customer = Customer.objects.create(user=user, registered_at=now, **fields)
        token = LoginToken.for_customer(
            customer, provider=Provider.OTP, actorless=False, auth_time=int(now.timestamp())
        )
        assert api.post("/auth/session", token=token.sign(now=now)).status_code == 200
        return customer

    return run


def text_of(answer: Any) -> str:
    """Return what is to be read on a page."""
    assert answer.status_code == 200, answer
    body = re.sub(r"<script.*?</script>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def row(answer: Any, name: str) -> str:
    """Return the text of a row; empty if there is none."""
    found = re.search(rf'<li class="row" data-row="{name}".*?</li>', answer.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


@pytest.mark.parametrize("path", [ACCOUNT, LEAVE])
def test_strangers_log_in_first(api, path):
    answer = api.client.get(path)
    assert answer.headers["Location"] == f"/log-in?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", [ACCOUNT, LEAVE, KEEP])
def test_pages_run_no_script_but_their_own(api, logged_in, path):
    logged_in(email=EMAIL, **NOW_PROVEN)
    answer = api.client.get(path)
    assert answer.status_code == 200
    assert not INLINE.search(answer.content.decode())
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("fields", "email", "phone"),
    [
        ({"email": EMAIL, **NOW_PROVEN}, f"{EMAIL} Confirmed Change", "Not given Add"),
        ({"phone": PHONE}, "Not given Add", f"{PHONE} Not confirmed Confirm Change"),
        ({"email": EMAIL, "phone": PHONE, **NOW_PROVEN}, f"{EMAIL} Confirmed Change", f"{PHONE} Confirmed Change"),
    ],
)
def test_a_contact_says_whether_it_is_confirmed(api, logged_in, fields, email, phone):
    logged_in(**fields)
    page = api.client.get(ACCOUNT)
    assert row(page, "email") == f"E-mail address {email}"
    assert row(page, "phone") == f"Phone number {phone}"


def test_what_cannot_be_done_is_not_offered(api, logged_in, configure):
    logged_in(email=EMAIL)
    assert row(api.client.get(ACCOUNT), "totp") == "Authenticator app Off Confirm an address or a number first."
    configure(CHANNELS={"sms": []}, PROVIDERS={"customer": ["otp"]})
    page = api.client.get(ACCOUNT)
    assert row(page, "email")
    assert not row(page, "phone")
    assert not row(page, "password")


@pytest.mark.parametrize(("password", "said"), [(PASSWORD, "Set Change"), (None, "Not set Set a password")])
def test_a_first_password_is_set_and_any_other_changed(api, logged_in, password, said):
    logged_in(email=EMAIL, password=password)
    assert row(api.client.get(ACCOUNT), "password").endswith(said)


def test_second_factors_and_what_is_left_of_the_recovery_codes(api, logged_in):
    customer = logged_in(email=EMAIL, **NOW_PROVEN)
    page = api.client.get(ACCOUNT)
    assert (row(page, "totp"), row(page, "recovery")) == ("Authenticator app Off Set up", "")
    factors = SecondFactor.objects.filter(customer=customer)
    for provider in FactorProvider:
        factors.create(customer=customer, provider=provider, status=FactorStatus.ENABLED, enabled_at=timezone.now())
    Customer.objects.update(has_second_factor=True)
    page = api.client.get(ACCOUNT)
    assert re.fullmatch(r"Authenticator app On Since .* Remove", row(page, "totp"))
    assert row(page, "otp") == f"Code by e-mail On {EMAIL} Remove"
    assert "a lost phone locks you out" in row(page, "recovery")
    RecoveryCode.objects.create(customer=customer, code_hash="1")
    RecoveryCode.objects.create(customer=customer, code_hash="2", used_at=timezone.now())
    assert row(api.client.get(ACCOUNT), "recovery") == "Recovery codes 1 code left Make new codes"


@pytest.mark.parametrize(
    ("options", "said", "not_said"),
    [
        ({}, ["For 7 days nothing is lost", "We remind you", "stays without your name"], ["Only what the law"]),
        ({"SCHEDULED_DAYS": 1}, ["For 1 day nothing is lost"], ["We remind you"]),
        ({"SCHEDULED_DAYS": 0, "STRATEGY": "delete"}, ["Only what the law"], ["nothing is lost", "Keep my account"]),
    ],
)
def test_leaving_is_told_as_it_is_set(api, logged_in, configure, options, said, not_said):
    logged_in(email=EMAIL, **NOW_PROVEN)
    configure(ACCOUNT_DELETION_REQUEST=options)
    text = text_of(api.client.get(LEAVE))
    assert [each for each in said if each not in text] == []
    assert [each for each in not_said if each in text] == []


@pytest.mark.parametrize(
    ("mode", "label"),
    [("email", "E-mail address"), ("phone", "Phone number"), ("both", "E-mail address or phone number")],
)
def test_an_account_is_kept_by_what_logs_in(api, configure, mode, label):
    configure(REGISTRATION={"IDENTIFIER": mode})
    assert f"{label} Send code" in text_of(api.client.get(KEEP))
