"""Answers that ask for more than was sent."""

import pytest

from customer_registration.client import LoginResult, MfaChallenge
from tests.client import answers as a

EMAIL, PASSWORD = "jane@example.com", "correct horse"
MFA = {"id": "mfa_1", "methods": ["totp", "recovery_code"], "expires_at": a.THEN, "attempts": 0, "completed_at": None}
FACTOR = MfaChallenge(id="mfa_1", methods=("totp", "recovery_code"), expires_at=a.LATER)


@pytest.mark.parametrize("name", ["login", "refresh"])
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"verification_required": True, "token": "t"}, LoginResult(token="t", verification_required=True)),
        (
            {"verification_required": True, "verification": a.VERIFICATION, "token": "t"},
            LoginResult(token="t", verification_required=True, verification=a.ASKED),
        ),
        (
            {"mfa_required": True, "mfa_challenge": MFA, "token": "t"},
            LoginResult(token="t", mfa_required=True, mfa_challenge=FACTOR),
        ),
    ],
)
def test_a_login_may_ask_for_more(visit, shop, name, answer, result):
    shop.will({"status_code": 200, "json": answer})
    arguments = {"email": EMAIL, "password": PASSWORD} if name == "login" else {}
    assert getattr(visit(), name)(**arguments) == result


def test_a_contact_proven_before_the_customer_exists_needs_a_login(visit, shop):
    shop.will({"status_code": 200, "json": {**a.VERIFIED, "customer": None, "token": None, "needs_login": True}})
    verified = visit().verify_code("flow", code="123456")
    assert (verified.customer, verified.token, verified.needs_login) == (None, None, True)
