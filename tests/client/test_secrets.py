"""Passwords, tokens and codes stay out of whatever may be logged."""

import traceback

import httpx
import pytest

from customer_registration.client import (
    Challenge,
    ChangedContact,
    LoginResult,
    LoginStep,
    MfaSetup,
    SentCode,
    StorefrontClient,
    StorefrontError,
    VerifiedContact,
)
from customer_registration.client.routes import passwordless, passwords
from tests.client import answers as a

PASSWORD, OLD, TOKEN, CODE, MINE = "hunter22secret", "olderSecret", "flow.token.value", "493817", "bearer.token.value"
SECRETS = (PASSWORD, OLD, TOKEN, CODE, MINE)
CALLS = [
    ("register", {"email": "e", "password": PASSWORD}),
    ("login", {"email": "e", "password": PASSWORD}),
    ("change_password", {"password": PASSWORD, "old_password": OLD}),
    ("complete_password_reset", {"password": PASSWORD, "token": TOKEN}),
    ("verify_code", {"token": TOKEN, "code": CODE}),
    ("verify_contact", {"token": TOKEN, "code": CODE}),
    ("confirm_verification", {"code": CODE}),
    ("undo_contact_change", {"token": TOKEN}),
    ("confirm_account_deletion", {"token": TOKEN, "code": CODE}),
    ("confirm_deletion_cancellation", {"token": TOKEN, "code": CODE}),
    ("register_with_code", {"identifier": "e", "token": TOKEN, "code": CODE}),
    ("login_with_code", {"identifier": "e", "token": TOKEN, "code": CODE}),
    ("login_with_registration_code", {"identifier": "e", "token": TOKEN, "code": CODE}),
    ("start_two_step_login", {"email": "e", "password": PASSWORD}),
    ("finish_two_step_login", {"email": "e", "code": CODE}),
    ("verify_mfa_challenge", {"challenge_id": "c", "method": "totp", "code": CODE}),
    ("verify_mfa_factor", {"factor_id": "f", "code": CODE}),
    ("remove_mfa_factor", {"factor_id": "f", "method": "totp", "code": CODE}),
    ("make_recovery_codes", {"method": "totp", "code": CODE}),
    ("verify_code", {"token": TOKEN, "code": int(CODE)}),  # what the API quotes: Expected type: 'string' …
]


def shown(error):
    """Everything that a log would show of an error."""
    return "\n".join([str(error), repr(error), *traceback.format_exception(error)])


@pytest.mark.parametrize(("name", "arguments"), CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        {
            "status_code": 400,
            "json": {"type": "invalid_data", "message": f"got: {SECRETS}", "more": SECRETS},
        },
        {"status_code": 400, "text": " ".join(SECRETS)},
        {"status_code": 200, "text": " ".join(SECRETS)},
        {"status_code": 200, "json": {"token": {"is": SECRETS}}},
        httpx.ReadTimeout("slow"),
    ],
    ids=["echo", "page", "page-200", "nonsense", "network"],
)
def test_no_error_shows_one(visit, shop, name, arguments, answer):
    shop.will(answer)
    with pytest.raises(StorefrontError) as caught:
        getattr(visit(token=MINE), name)(**arguments)
    sent = [str(value) for key, value in arguments.items() if key in ("password", "old_password", "token", "code")]
    if "authorization" in shop.asked.headers and name != "complete_password_reset":
        sent.append(MINE)
    assert not [secret for secret in sent if secret in shown(caught.value)]


def test_short_values_do_not_blot_out_the_text(visit, shop):
    shop.will({"status_code": 400, "json": {"message": "Invalid code", "code": "otp_invalid"}})
    with pytest.raises(StorefrontError, match="Invalid code"):
        visit().verify_code("flow", code="i")


def test_the_client_shows_neither_its_token_nor_the_urls_password(visit):
    visitor = visit(token=MINE, base_url=f"https://jane:{PASSWORD}@shop.example.com/api")
    assert repr(visitor.client) == f"<{type(visitor.client).__name__} https://shop.example.com/api/>"


@pytest.mark.parametrize(
    "result",
    [
        Challenge(token=TOKEN, expires_at=a.AT),
        LoginResult(token=TOKEN),
        SentCode(message="Sent", token=TOKEN),
        LoginStep(token=TOKEN),
        MfaSetup(mfa_factor=a.FACTOR, secret=CODE, otpauth_url=f"otpauth://{CODE}", qr_svg=CODE),
        ChangedContact(customer=a.JANE, token=TOKEN),
        VerifiedContact(
            verified=True, email_verified=True, phone_verified=False, customer=None, token=TOKEN, needs_login=False
        ),
        passwords.complete_password_reset(password=PASSWORD, token=TOKEN),
        passwordless.login_with_code("e", code=CODE, token=TOKEN),
    ],
    ids=lambda result: type(result).__name__,
)
def test_no_result_shows_its_token(result):
    assert not [secret for secret in SECRETS if secret in repr(result)]


@pytest.mark.parametrize("junk", ["a\r\nx-evil: 1", "tökén", "a b", "\ud800", "a\x00b"])
def test_text_that_no_header_can_carry_is_for_the_server_to_refuse(visit, shop, junk):
    shop.will({"status_code": 401, "json": {"type": "unauthorized", "message": "Invalid token"}})
    with pytest.raises(StorefrontError, match="Invalid token"):
        visit().complete_password_reset(password=PASSWORD, token=junk)
    assert "x-evil" not in shop.asked.headers
    assert shop.asked.headers["authorization"].isascii()


def test_a_token_is_sent_as_it_is(visit, shop):
    shop.will({"status_code": 200, "json": {"token": "t"}})
    visit(token="aZ0-._~+/=").refresh()
    assert shop.asked.headers["authorization"] == "Bearer aZ0-._~+/="


def test_a_lone_surrogate_reaches_the_server(shop):
    shop.will({"status_code": 400, "json": {"type": "invalid_data", "message": "Invalid request"}})
    client = StorefrontClient("https://shop.example.com", transport=httpx.MockTransport(shop))
    with pytest.raises(StorefrontError, match="Invalid request"):
        client.login(email="e", password="secret\ud800")
    assert rb"secret\ud800" in shop.asked.content
