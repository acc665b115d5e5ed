"""How people come in by a code: ask for one with an identifier, read the message, bring it."""

from typing import Any

from tests.conftest import Api, last_code

JANE, PHONE = "jane@example.com", "+12025550123"
ME = "/store/customers/me"
SENT = "If an account exists with this identifier, an OTP will be sent."
VALIDATE = "Please validate the OTP to continue with the registration process."
INVALID = {"type": "invalid_data", "code": "otp_invalid", "message": "Invalid OTP"}
EXCEEDED = "otp_attempts_exceeded"
STEPS = ("generate", "verify", "pre-register", "register", "")
# Nobody waits for the next code, and no limit of sending is in the way of many.
UNHURRIED = {
    "EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
    "PHONE_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
    "RATE_LIMITS": {"RULES": {"code_send": "", "register": "", "login": ""}},
}


def url(step: str = "", actor: str = "customer") -> str:
    """Return the path of a step; the empty one is the provider's own route."""
    return f"/auth/{actor}/otp" + (f"/{step}" if step else "")


def ask(api: Api, identifier: str = JANE, step: str = "generate", actor: str = "customer") -> str:
    """Ask for a code and return the flow token."""
    answer = api.post(url(step, actor), {"identifier": identifier})
    assert answer.status_code == 200, answer.content
    return str(answer.json()["token"])


def bring(
    api: Api,
    code: str,
    token: str | None = None,
    *,
    identifier: str = JANE,
    step: str = "verify",
    actor: str = "customer",
    bearer: str | None = None,
) -> Any:
    """Bring a code, with the flow token or without; return the answer."""
    flow = {} if token is None else {"token": token}
    return api.post(url(step, actor), {"identifier": identifier, "otp": code, **flow}, token=bearer)


def log_in(api: Api, identifier: str = JANE, actor: str = "customer") -> str:
    """Log in by a code and return the token."""
    flow = ask(api, identifier, actor=actor)
    answer = bring(api, last_code(identifier), flow, identifier=identifier, actor=actor)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["token"])


def register(api: Api, identifier: str = JANE) -> str:
    """Register by a code and return the registration token."""
    flow = ask(api, identifier, "pre-register")
    answer = bring(api, last_code(identifier), flow, identifier=identifier, step="register")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["token"])


def sign_up(api: Api, identifier: str = JANE, **profile: Any) -> str:
    """Register by a code and create the customer; return their id."""
    answer = api.post("/store/customers", profile, token=register(api, identifier))
    assert answer.status_code == 200, answer.content
    return str(answer.json()["customer"]["id"])


def refused(answer: Any) -> bool:
    """Whether an answer is the one that wrong, expired, used and never sent codes share."""
    return (answer.status_code, answer.json()) == (400, INVALID)
