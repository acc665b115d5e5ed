"""What refusals, failures and nonsense become."""

import pickle
from datetime import UTC, datetime

import httpx
import pytest

from customer_registration.client import (
    AccountDeletionPending,
    Call,
    CodeRefused,
    StorefrontError,
    Throttled,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
    VerificationRequired,
)

PAGE = "<html><body>Bad gateway: hunter22</body></html>"


def refused(visitor):
    """Run a call that is refused, and return the error."""
    with pytest.raises(StorefrontError) as caught:
        visitor.me()
    return caught.value


@pytest.mark.parametrize(
    ("status", "type", "code", "kind"),
    [
        (400, "invalid_data", None, StorefrontError),
        (400, "invalid_data", "password_rejected", StorefrontError),
        (400, "invalid_data", "otp_invalid", CodeRefused),
        (400, "not_allowed", "otp_invalid", CodeRefused),
        (400, "invalid_data", "otp_expired", CodeRefused),
        (400, "invalid_data", "otp_attempts_exceeded", CodeRefused),
        (401, "unauthorized", None, Unauthorized),
        (403, "forbidden", "verification_required", VerificationRequired),
        (403, "forbidden", "account_deletion_pending", AccountDeletionPending),
        (409, "conflict", "contact_taken", StorefrontError),
        (422, "duplicate_error", "invalid_request_error", StorefrontError),
        (429, "too_many_requests", "throttled", Throttled),
        (500, "unexpected_state", "unexpected_state", StorefrontError),
    ],
)
def test_an_error_carries_the_envelope(visit, shop, status, type, code, kind):
    envelope = {"type": type, "message": "No", **({"code": code} if code else {}), "attempts_remaining": 3}
    shop.will({"status_code": status, "json": envelope})
    error = refused(visit())
    assert error.__class__ is kind
    assert (error.status, error.type, error.code, error.message) == (status, type, code, "No")
    assert error.extra == {"attempts_remaining": 3}
    assert error.retry_after is None


def test_the_guards_answer_has_no_type(visit, shop):
    shop.will({"status_code": 401, "json": {"message": "Unauthorized"}})
    error = refused(visit())
    assert error.__class__ is Unauthorized
    assert (error.type, error.code, error.message, error.extra) == (None, None, "Unauthorized", {})
    assert str(error) == "Unauthorized (401)"


def test_the_answer_of_the_two_step_login_is_understood(visit, shop):
    shop.will({"status_code": 400, "json": {"error": "OTP is invalid"}})
    error = refused(visit())
    assert error.__class__ is CodeRefused
    assert (error.message, error.type, error.code, error.attempts_remaining) == ("OTP is invalid", None, None, None)
    assert str(error) == "OTP is invalid (400)"


def test_verification_required_says_what_to_verify(visit, shop):
    whom = {"customer_id": "cus_1", "verification_type": "phone_verification"}
    shop.will({"status_code": 403, "json": {"type": "forbidden", "code": "verification_required", **whom}})
    error = refused(visit())
    assert (error.customer_id, error.verification_type) == ("cus_1", "phone_verification")
    assert error.message == "GET /store/customers/me failed"


def test_a_pending_deletion_says_when_the_account_goes(visit, shop):
    pending = {"type": "forbidden", "code": "account_deletion_pending"}
    shop.will({"status_code": 403, "json": {**pending, "scheduled_at": "2026-11-29T05:30:00.123Z"}})
    assert refused(visit()).scheduled_at == datetime(2026, 11, 29, 5, 30, 0, 123000, UTC)
    shop.will({"status_code": 403, "json": pending})
    assert refused(visit()).scheduled_at is None


def test_a_refused_code_says_how_many_guesses_are_left(visit, shop):
    shop.will({"status_code": 400, "json": {"message": "Invalid code", "code": "otp_invalid", "attempts_remaining": 0}})
    assert refused(visit()).attempts_remaining == 0


def test_the_text_tells_a_log_reader_enough(visit, shop):
    body = {"type": "too_many_requests", "message": "Too many requests", "code": "throttled", "extra": "x"}
    shop.will({"status_code": 429, "json": body, "headers": {"retry-after": "60"}})
    error = refused(visit())
    assert str(error) == "Too many requests (429, throttled, retry after 60 s)"
    assert repr(error) == "Throttled('Too many requests (429, throttled, retry after 60 s)')"
    assert error.retry_after == 60


@pytest.mark.parametrize(
    ("status", "kind"),
    [(502, UnexpectedAnswer), (301, UnexpectedAnswer), (404, UnexpectedAnswer), (429, Throttled), (401, Unauthorized)],
)
@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PAGE, "text/html"), ("", "no content type"), ('["a"]', "application/json"), ("[" * 200_000, "text/plain")],
)
def test_an_error_without_the_envelope_is_an_error_all_the_same(visit, shop, status, kind, content, media_type):
    headers = {} if media_type == "no content type" else {"content-type": f"{media_type}; charset=utf-8"}
    shop.will({"status_code": status, "content": content, "headers": headers})
    error = refused(visit())
    assert error.__class__ is kind
    assert (error.status, error.type, error.code) == (status, None, None)
    assert error.message == f"GET /store/customers/me: an error without JSON ({media_type})"


@pytest.mark.parametrize("body", [{"message": 5, "type": [], "code": {}}, {"message": None}])
def test_an_envelope_of_the_wrong_types_is_no_stumbling_block(visit, shop, body):
    shop.will({"status_code": 500, "json": body})
    error = refused(visit())
    assert (error.message, error.type, error.code) == ("GET /store/customers/me failed", None, None)


@pytest.mark.parametrize(
    "answer",
    [
        {"text": PAGE},
        {"text": "", "headers": {"content-type": "application/json"}},
        {"content": b"\xff\xfe\xfa"},
        {"text": "[" * 200_000},
        {"json": None},
        {"json": []},
        {"json": {}},
        {"json": {"customer": None}},
        {"json": {"customer": {"id": "cus_1"}}},
    ],
)
def test_a_success_that_is_none_is_unexpected(visit, shop, answer):
    shop.will({"status_code": 200, **answer})
    error = refused(visit())
    assert error.__class__ is UnexpectedAnswer
    assert error.status == 200
    assert error.message.startswith("GET /store/customers/me: the answer is not what the API says")
    assert error.__suppress_context__, "a JSONDecodeError carries the whole body"


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("request_password_reset", {"email": "jane@example.com"}, {"text": PAGE}),
        ("log_out_everywhere", {}, {"text": PAGE}),
        ("log_out_everywhere", {}, {"json": {"success": False}}),
        ("register", {"email": "jane@example.com", "password": "correct horse"}, {"json": {"token": None}}),
        ("send_code", {"customer_id": "c", "type": "t"}, {"json": {"token": "t", "expires_at": "soon"}}),
        ("send_code", {"customer_id": "c", "type": "t"}, {"json": {"token": "t", "expires_at": None}}),
        ("send_login_code", {"identifier": "e"}, {"json": {"message": "Sent"}}),
        ("login_with_code", {"identifier": "e", "code": "c"}, {"json": {"token": None}}),
        ("register_with_code", {"identifier": "e", "code": "c"}, {"json": {"token": None}}),
        ("start_two_step_login", {"email": "e", "password": "p"}, {"json": {}}),
        ("start_two_step_login", {"email": "e", "password": "p"}, {"json": {"customer": None, "mfa_required": True}}),
        ("finish_two_step_login", {"email": "e", "code": "c"}, {"json": {"customer": None}}),
        ("end_two_step_login", {}, {"json": {}}),
        ("list_mfa_factors", {}, {"json": {"mfa_factors": [{"id": "f"}]}}),
        ("add_mfa_factor", {}, {"json": {"secret": "s"}}),
        ("verify_mfa_challenge", {"challenge_id": "c", "method": "totp", "code": "c"}, {"json": {}}),
        ("make_recovery_codes", {}, {"json": {"recovery_codes": [5]}}),
        ("login", {"email": "e", "password": "p"}, {"json": {"token": 5}}),
        ("login", {"email": "e", "password": "p"}, {"json": {"token": "t", "mfa_required": "yes"}}),
    ],
)
def test_nothing_is_taken_for_a_success_that_is_not(visit, shop, name, arguments, answer):
    shop.will({"status_code": 200, **answer})
    visitor = visit(token="mine")
    with pytest.raises(UnexpectedAnswer):
        getattr(visitor, name)(**arguments)
    assert visitor.token == "mine"


@pytest.mark.parametrize(
    ("failure", "fate"),
    [
        (httpx.ConnectError("refused"), "it was not sent"),
        (httpx.ConnectTimeout("slow"), "it was not sent"),
        (httpx.PoolTimeout("busy"), "it was not sent"),
        (httpx.ReadTimeout("slow"), "no answer came, it may have been carried out"),
        (httpx.WriteTimeout("slow"), "no answer came, it may have been carried out"),
        (httpx.RemoteProtocolError("hung up"), "no answer came, it may have been carried out"),
        (httpx.DecodingError("garbled"), "no answer came, it may have been carried out"),
    ],
)
def test_a_failing_network_is_an_error_with_its_cause(visit, shop, failure, fate):
    shop.will(failure)
    with pytest.raises(Unreachable) as caught:
        visit().run(Call(path="/store/x", read=dict))
    assert caught.value.__cause__ is failure
    assert caught.value.status is None
    assert str(caught.value) == f"POST /store/x: {fate} ({type(failure).__name__})"


@pytest.mark.parametrize("kind", [StorefrontError, Throttled, CodeRefused])
def test_errors_survive_pickling(kind):
    error = pickle.loads(pickle.dumps(kind("No", status=429, code="c", extra={"a": 1}, retry_after=5)))
    assert error.__class__ is kind
    assert (error.message, error.status, error.code, error.extra, error.retry_after) == ("No", 429, "c", {"a": 1}, 5)
