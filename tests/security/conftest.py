"""A stranger with a hostile mind, and the bearers they may hold."""

import pytest

from customer_registration.models import Customer, OtpVerification
from tests.conftest import link_token
from tests.deletion.conftest import ask_to_leave, ask_to_stay, leave, leaving, stay
from tests.security import theft
from tests.security.hostile import BODIES, Stranger
from tests.security.kinds import Wallet

__all__ = ["ask_to_leave", "ask_to_stay", "leave", "leaving", "stay"]

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
        PASSWORDLESS={"ACTORS": {"vendor": "tests.security.kinds.Vendor"}},
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
    for name, step in (("code-verify", "generate"), ("code-login", "generate"), ("code-register", "pre-register")):
        live = api.post(f"/auth/customer/otp/{step}", {"identifier": BODIES[name]["identifier"]}).json()["token"]
        bodies[name] = BODIES[name] | {"token": live}
    return Stranger(bearers={"Eve": eve, "Jane": jane}, bodies=bodies)


@pytest.fixture
def both_log_in(configure):
    """Let e-mails and phones log in, and nobody wait for a code."""
    unhurried = {"RESEND_THROTTLE_SECONDS": 0}
    configure(
        LOGIN={"IDENTIFIER": "both"},
        RATE_LIMITS={"RULES": {"contact_change": "", "code_send": "", "password_reset": ""}},
        EMAIL_VERIFICATION=unhurried,
        PHONE_VERIFICATION=unhurried,
        PASSWORD_RESET=unhurried,
    )


@pytest.fixture
def jane(verified, prove):
    """Return Jane, both of whose contacts are proven, and a session of hers that a thief has stolen."""
    person, _ = verified(theft.JANE, phone=theft.PHONE)
    return person, prove(person, "phone")["token"]


@pytest.fixture
def reset(api):
    """Reset a password through a contact, as far as a link comes; return the status, or ``None`` if none came."""

    def run(contact, password=theft.STOLEN):
        sent = OtpVerification.objects.filter(purpose="password_reset", destination=contact)
        before = sent.count()
        api.post(f"{theft.LOGIN}/reset-password", {"identifier": contact})
        if sent.count() == before:
            return None
        return api.post(f"{theft.LOGIN}/update", {"password": password}, token=link_token(contact)).status_code

    return run


@pytest.fixture
def log_in(api):
    """Log in by either contact; return the answer."""
    return lambda name, password: api.post(theft.LOGIN, {"email_or_phone": name, "password": password})
