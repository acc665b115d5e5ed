"""How people set a second factor up and show it: an app that the test holds, a code that was sent, a recovery code."""

from dataclasses import dataclass, field
from typing import Any

import pyotp
from django.utils import timezone

from tests.conftest import PASSWORD, Api

JANE, PHONE = "jane@example.com", "+12025550123"
LOGIN, REFRESH, ME = "/auth/customer/emailpass", "/auth/token/refresh", "/store/customers/me"
FACTORS, RECOVERY = "/auth/mfa/factors", "/auth/mfa/recovery-codes"
GUARD = {"message": "Unauthorized"}
NOT_FOUND = {
    "type": "not_found",
    "code": "not_found",
    "message": "The challenge does not exist, or is over",
}
WRONG = {"type": "not_allowed", "code": "otp_invalid", "message": "Invalid code"}
EXCEEDED = {"type": "not_allowed", "code": "otp_attempts_exceeded", "message": "Too many wrong codes"}
AGAIN = {"type": "forbidden", "code": "reauthentication_required", "message": "Log in again to do this"}
# Nobody waits for the next code, and no limit of sending is in the way of many.
UNHURRIED = {
    "EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
    "PHONE_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
    "RATE_LIMITS": {"RULES": {"code_send": "", "login": ""}},
}


@dataclass
class App:
    """An authenticator app."""

    seed: str = field(repr=False)
    factor_id: str

    def code(self, *, steps: int = 0) -> str:
        """Return the code of the present time step, or of one before or after it."""
        return pyotp.TOTP(self.seed).at(timezone.now(), counter_offset=steps)


@dataclass
class Pending:
    """A login that waits for its second step."""

    token: str = field(repr=False)
    challenge: dict[str, Any]

    @property
    def path(self) -> str:
        """The route that takes the code."""
        return f"/auth/mfa/challenges/{self.challenge['id']}/verify"


def ok(answer: Any) -> Any:
    """Return the body of an answer that has to be a success."""
    assert answer.status_code == 200, answer.content
    return answer.json()


def enrol(api: Api, token: str, **body: Any) -> App:
    """Set an authenticator app up, not in force yet."""
    made = ok(api.post(FACTORS, {"provider": "totp", **body}, token=token))
    return App(made["secret"], made["mfa_factor"]["id"])


def enable(api: Api, token: str, factor_id: str, code: str) -> dict[str, Any]:
    """Put a factor in force and return it."""
    return dict(ok(api.post(f"{FACTORS}/{factor_id}/verify", {"code": code}, token=token))["mfa_factor"])


def with_app(api: Api, token: str) -> App:
    """Put an authenticator app in force; the step before the present one is used for it, so the present one is not."""
    app = enrol(api, token)
    enable(api, token, app.factor_id, app.code(steps=-1))
    return app


def pending(api: Api, email: str = JANE, password: str = PASSWORD) -> Pending:
    """Log in by password up to the second step."""
    body = ok(api.post(LOGIN, {"email": email, "password": password}))
    assert body["mfa_required"] is True
    return Pending(body["token"], body["mfa_challenge"])


def show(api: Api, login: Pending, code: str, method: str = "totp") -> Any:
    """Show a second factor; return the answer."""
    return api.post(login.path, {"method": method, "code": code}, token=login.token)


def come_in(api: Api, code: str, method: str = "totp", email: str = JANE) -> str:
    """Log in with both steps and return the token."""
    return str(ok(show(api, pending(api, email), code, method))["token"])


def recovery_codes(api: Api, token: str, **body: Any) -> list[str]:
    """Make recovery codes and return them."""
    return list(ok(api.post(RECOVERY, body, token=token))["recovery_codes"])
