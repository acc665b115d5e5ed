"""The rows of `test_routes` for codes by identifier, the two-step login and second factors."""

from typing import Any

from customer_registration.client import LoginStep
from tests.client import answers as a

TOKEN, SUCCESS, PASSWORD = {"token": "new"}, {"success": True}, "correct horse"
EMAIL, PHONE = "jane@example.com", "+12025550123"
OTP, MFA = "/auth/customer/otp", "/auth/mfa"
CODE, OTP_BODY = {"identifier": EMAIL, "code": "123456"}, {"identifier": EMAIL, "otp": "123456"}

PUBLIC: list[tuple[Any, ...]] = [
    ("send_login_code", {"identifier": EMAIL}, f"POST {OTP}/generate", {"identifier": EMAIL}, a.SENT_CODE, a.CODE_SENT),
    (
        "send_login_code",
        {"identifier": PHONE, "actor": "a/b"},
        "POST /auth/a%2Fb/otp/generate",
        {"identifier": PHONE},
        a.SENT_CODE,
        a.CODE_SENT,
    ),
    (
        "send_registration_code",
        {"identifier": PHONE},
        f"POST {OTP}/pre-register",
        {"identifier": PHONE},
        a.SENT_CODE,
        a.CODE_SENT,
    ),
    (
        "send_registration_code",
        {"identifier": EMAIL, "actor": "vendor"},
        "POST /auth/vendor/otp/pre-register",
        {"identifier": EMAIL},
        a.SENT_CODE,
        a.CODE_SENT,
    ),
    ("register_with_code", CODE, f"POST {OTP}/register", OTP_BODY, TOKEN, "new"),
    (
        "register_with_code",
        {**CODE, "token": "flow", "actor": "vendor"},
        "POST /auth/vendor/otp/register",
        {**OTP_BODY, "token": "flow"},
        TOKEN,
        "new",
    ),
    (
        "start_two_step_login",
        {"email": EMAIL, "password": PASSWORD},
        "POST /store/auth",
        {"email": EMAIL, "password": PASSWORD},
        {"customer": a.CUSTOMER},
        a.STEP,
    ),
    (
        "start_two_step_login",
        {"phone": PHONE, "password": PASSWORD},
        "POST /store/auth",
        {"phone": PHONE, "password": PASSWORD},
        a.MFA_REQUIRED,
        a.STOPPED,
    ),
    (
        "start_two_step_login",
        {"email_or_phone": PHONE, "password": PASSWORD},
        "POST /store/auth",
        {"email_or_phone": PHONE, "password": PASSWORD},
        {"verification_required": True, "verification": a.VERIFICATION, "token": "actorless"},
        LoginStep(token="actorless", verification_required=True, verification=a.ASKED),
    ),
    (
        "finish_two_step_login",
        {"email": EMAIL, "code": "123456"},
        "POST /store/auth/otp",
        {"email": EMAIL, "otp": "123456"},
        {"customer": a.CUSTOMER},
        a.STEP,
    ),
    (
        "finish_two_step_login",
        {"phone": PHONE, "code": "123456"},
        "POST /store/auth/otp",
        {"phone": PHONE, "otp": "123456"},
        a.MFA_REQUIRED,
        a.STOPPED,
    ),
    (
        "finish_two_step_login",
        {"email_or_phone": PHONE, "code": "123456"},
        "POST /store/auth/otp",
        {"email_or_phone": PHONE, "otp": "123456"},
        {"customer": a.CUSTOMER},
        a.STEP,
    ),
]
OWN: list[tuple[Any, ...]] = [
    ("login_with_code", CODE, f"POST {OTP}/verify", OTP_BODY, TOKEN, a.LOGIN),
    (
        "login_with_code",
        {**CODE, "token": "flow", "actor": "user"},
        "POST /auth/user/otp/verify",
        {**OTP_BODY, "token": "flow"},
        a.MFA_REQUIRED,
        a.MORE_TO_SHOW,
    ),
    ("login_with_registration_code", CODE, f"POST {OTP}", OTP_BODY, TOKEN, a.LOGIN),
    (
        "login_with_registration_code",
        {**CODE, "token": "flow", "actor": "vendor"},
        "POST /auth/vendor/otp",
        {**OTP_BODY, "token": "flow"},
        TOKEN,
        a.LOGIN,
    ),
    ("session_customer", {}, "GET /store/auth", None, {"customer": a.CUSTOMER}, a.JANE),
    ("end_two_step_login", {}, "DELETE /store/auth", None, SUCCESS, None),
    (
        "verify_mfa_challenge",
        {"challenge_id": "a/b", "method": "totp", "code": "123456"},
        f"POST {MFA}/challenges/a%2Fb/verify",
        {"method": "totp", "code": "123456"},
        TOKEN,
        a.LOGIN,
    ),
    ("list_mfa_factors", {}, f"GET {MFA}/factors", None, {"mfa_factors": [a.MFA_FACTOR]}, [a.FACTOR]),
    (
        "add_mfa_factor",
        {},
        f"POST {MFA}/factors",
        {"provider": "totp"},
        {"mfa_factor": a.MFA_FACTOR, **a.APP},
        a.SETUP_OF_APP,
    ),
    (
        "add_mfa_factor",
        {"provider": "otp", "label": "Work", "issuer": "Shop", "metadata": {"a": 1}},
        f"POST {MFA}/factors",
        {"provider": "otp", "label": "Work", "issuer": "Shop", "metadata": {"a": 1}},
        {"mfa_factor": a.MFA_FACTOR},
        a.SETUP_OF_CONTACT,
    ),
    (
        "verify_mfa_factor",
        {"factor_id": "a/b", "code": "123456"},
        f"POST {MFA}/factors/a%2Fb/verify",
        {"code": "123456"},
        {"mfa_factor": a.MFA_FACTOR},
        a.FACTOR,
    ),
    (
        "remove_mfa_factor",
        {"factor_id": "a/b"},
        f"DELETE {MFA}/factors/a%2Fb",
        {},
        {"mfa_factor": a.MFA_FACTOR},
        a.FACTOR,
    ),
    (
        "remove_mfa_factor",
        {"factor_id": "f", "method": "recovery_code", "code": "abcd-efgh"},
        f"DELETE {MFA}/factors/f",
        {"method": "recovery_code", "code": "abcd-efgh"},
        {"mfa_factor": a.MFA_FACTOR},
        a.FACTOR,
    ),
    ("make_recovery_codes", {}, f"POST {MFA}/recovery-codes", {}, {"recovery_codes": ["ab", "cd"]}, ["ab", "cd"]),
    (
        "make_recovery_codes",
        {"count": 2, "method": "totp", "code": "123456"},
        f"POST {MFA}/recovery-codes",
        {"count": 2, "method": "totp", "code": "123456"},
        {"recovery_codes": ["ab", "cd"]},
        ["ab", "cd"],
    ),
]
