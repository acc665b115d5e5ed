"""Answers that ask for more than was sent."""

import pytest

from customer_registration.client import LoginResult
from tests.client import answers as a

EMAIL = "jane@example.com"
ARGUMENTS = {
    "login": {"email": EMAIL, "password": "correct horse"},
    "refresh": {},
    "login_with_code": {"identifier": EMAIL, "code": "123456"},
}


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"verification_required": True, "token": "t"}, LoginResult(token="t", verification_required=True)),
        (
            {"verification_required": True, "verification": a.VERIFICATION, "token": "t"},
            LoginResult(token="t", verification_required=True, verification=a.ASKED),
        ),
        (a.MFA_REQUIRED, a.MORE_TO_SHOW),
    ],
)
def test_a_login_may_ask_for_more(visit, shop, name, answer, result):
    shop.will({"status_code": 200, "json": answer})
    assert getattr(visit(), name)(**ARGUMENTS[name]) == result


def test_a_contact_proven_before_the_customer_exists_needs_a_login(visit, shop):
    shop.will({"status_code": 200, "json": {**a.VERIFIED, "customer": None, "token": None, "needs_login": True}})
    verified = visit().verify_code("flow", code="123456")
    assert (verified.customer, verified.token, verified.needs_login) == (None, None, True)
