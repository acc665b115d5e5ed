"""A stranger with a hostile mind, and the bearers they may hold."""

import pytest

from customer_registration.models import Customer
from tests.security.hostile import BODIES, Stranger
from tests.security.kinds import Wallet

UNHURRIED = {"RESEND_THROTTLE_SECONDS": 0}


@pytest.fixture
def wallet(configure, api, sign_up, register):
    """Make secrets of every kind; no throttle or limit is in the way of making many."""
    configure(
        REGISTRATION={"IDENTIFIER": "both"},
        EMAIL_VERIFICATION=UNHURRIED,
        PHONE_VERIFICATION=UNHURRIED,
        PASSWORD_RESET=UNHURRIED,
        RATE_LIMITS={"ENABLED": False},
    )
    return Wallet(api, sign_up, register)


@pytest.fixture
def stranger(configure, register, verified, api):
    """Return a stranger who can also post as Eve, an identity with a live code, and as Jane, a customer."""
    unhurried = {"RESEND_THROTTLE_SECONDS": 0}
    configure(REGISTRATION={"IDENTIFIER": "both"}, EMAIL_VERIFICATION=unhurried, PHONE_VERIFICATION=unhurried)
    _, jane = verified("jane@example.com", phone="+447400123457")
    eve = register("eve@example.com")
    eve_id = Customer.objects.get(email="eve@example.com").pk
    asked = {"customer_id": eve_id, "type": "email_verification"}
    flow = api.post("/store/customers/otp/send", asked).json()["token"]
    bodies = BODIES | {"otp-send": asked, "otp-verify": {"token": flow, "code": "000000"}}
    return Stranger(bearers={"Eve": eve, "Jane": jane}, bodies=bodies)
