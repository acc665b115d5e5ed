"""Rows about codes: by customer id, by identifier, to keep an account; and secrets that only a message holds."""

import jwt

from customer_registration.models import OtpVerification
from tests.by_code import url
from tests.conftest import wrong
from tests.security.kinds import DELETION
from tests.security.matrix.observing import Visit
from tests.security.matrix.row import EVERYWHERE, row
from tests.security.matrix.rows_of_passwords import HOUR, UNHURRIED

SEND, VERIFY = "/store/customers/otp/send", "/store/customers/otp/verify"
CANCEL, STAY, LEAVE = (f"{DELETION}/{step}" for step in ("cancel-request", "cancel-confirm", "confirm"))
NO_WAIT = {"EMAIL_VERIFICATION": UNHURRIED, "PHONE_VERIFICATION": UNHURRIED}
# As the default is made, with numbers that can be driven to their ends: a day's burst, the trickle, the ceiling.
FEW_GUESSES = {"RATE_LIMITS": {"RULES": {"code_failed": "3/d/key,1/15m/key,5/30d/key"}}}
QUARTER = 15 * 60 + 1


def code() -> str:
    """Return the code that has just been sent, or was not."""
    return OtpVerification.objects.latest("pk").code()


def row_of(flow: str) -> str:
    """Return the id of a code's row, which anybody may read in the flow token."""
    return str(jwt.decode(flow, options={"verify_signature": False})["jti"]) if flow else "none"


def asked(visit: Visit, kind: str | None = None) -> dict[str, str]:
    """Return what asks for a verification code."""
    return {"customer_id": visit.who.id, "type": f"{kind or visit.who.kind}_verification"}


def sent_to(visit: Visit) -> dict[str, str]:
    """Return what asks for a code by identifier."""
    return {"identifier": visit.who.identifier}


# By customer id


@row("otp-send", 200, 429, modes=EVERYWHERE)
def verification_codes_inside_the_throttle(visit):
    visit.again(2, SEND, asked(visit))


@row("otp-send", *[200] * 5, 429, past="code_send 5/h/key", **NO_WAIT)
def verification_codes_past_the_hours_five(visit):
    visit.again(6, SEND, asked(visit))


@row("otp-send", *[200] * 10, 429, past="code_send 10/d/key", **NO_WAIT)
def verification_codes_past_the_days_ten(visit):
    for _ in range(2):
        visit.again(5, SEND, asked(visit))
        visit.wait(HOUR)
    visit.post(SEND, asked(visit))


@row("otp-send", 429, past="code_send 20/h/ip")
def a_verification_code_from_an_address_with_twenty(visit):
    visit.use_up("code_send", 20)
    visit.post(SEND, asked(visit))


@row("otp-send", 200, 429, modes=("by e-mail",))
def verification_codes_to_a_number_that_nobody_has_given(visit):
    visit.again(2, SEND, asked(visit, "phone"))


@row("otp-verify", 200, *[400] * 7, modes=EVERYWHERE)
def wrong_verification_codes(visit):
    if flow := visit.post(SEND, asked(visit)).get("token"):
        visit.again(7, VERIFY, {"token": flow, "code": wrong(code())})


@row("otp-verify", 200, *[400] * 4, *(200, 400, 400) * 2, 200, 400, past="code_failed", **FEW_GUESSES)
def verification_codes_past_every_cap(visit):
    for guesses in (4, 2, 2, 1):
        if flow := visit.post(SEND, asked(visit)).get("token"):
            visit.again(guesses, VERIFY, {"token": flow, "code": wrong(code())})
        visit.wait(QUARTER)


@row("otp-verify", 200, 200, 400, 400, **NO_WAIT)
def the_flow_tokens_of_older_verification_codes(visit):
    flows = [visit.post(SEND, asked(visit)).get("token") for _ in range(2)]
    for flow in filter(None, flows):
        visit.post(VERIFY, {"token": flow, "code": "x"})


@row("otp-verify", 200, 400, modes=EVERYWHERE)
def the_verification_code(visit):
    if flow := visit.post(SEND, asked(visit)).get("token"):
        visit.post(VERIFY, {"token": flow, "code": code()})


@row("verification-confirm", 200, 400, 400, 401)
def a_link_that_was_not_sent(visit):
    flow = visit.post(CANCEL, visit.by)["token"]
    for value in (f"{row_of(flow)}.{'0' * 64}", f"{'0' * 26}.{'0' * 64}"):
        visit.post("/auth/verification/confirm", {"code": value})
    visit.post("/auth/verification/confirm", {"code": code(), "code_provider": "otp"})


@row("contact-undo", 200, 401, 401)
def an_undo_link_that_was_not_sent(visit):
    flow = visit.post(CANCEL, visit.by)["token"]
    for value in (f"{row_of(flow)}.{'0' * 64}", f"{'0' * 26}.{'0' * 64}"):
        visit.post("/store/customers/contact/undo", {"token": value})


@row("mfa-challenge-verify", 200, 401)
def a_challenge_that_is_not_the_strangers(visit):
    challenge = f"authmfachal_{row_of(visit.post(CANCEL, visit.by)['token'])}"
    visit.post(f"/auth/mfa/challenges/{challenge}/verify", {"method": "totp", "code": "123456"})


@row("providers", 200)
def the_providers(visit):
    visit.get("/auth/customer/providers")


# By identifier


@row("code-generate", 200, 429, modes=EVERYWHERE)
def login_codes_inside_the_throttle(visit):
    visit.again(2, url("generate"), sent_to(visit))


@row("code-generate", *[200] * 5, 429, past="code_send 5/h/key", **NO_WAIT)
def login_codes_past_the_hours_five(visit):
    visit.again(6, url("generate"), sent_to(visit))


@row("code-generate", *[200] * 10, 429, past="code_send 10/d/key", **NO_WAIT)
def login_codes_past_the_days_ten(visit):
    for _ in range(2):
        visit.again(5, url("generate"), sent_to(visit))
        visit.wait(HOUR)
    visit.post(url("generate"), sent_to(visit))


@row("code-generate", 429, past="code_send 20/h/ip")
def a_login_code_from_an_address_with_twenty(visit):
    visit.use_up("code_send", 20)
    visit.post(url("generate"), sent_to(visit))


@row("code-generate", 404, PASSWORDLESS={"CONCEAL": False})
def a_login_code_where_nothing_is_concealed(visit):
    visit.post(url("generate"), sent_to(visit))


@row("code-generate", 200, 429, 400, modes=("by e-mail",))
def login_codes_for_staff(visit):
    visit.again(2, url("generate", "user"), sent_to(visit))
    visit.post(url("verify", "user"), {**sent_to(visit), "otp": wrong(code())})


@row("code-pre-register", 200, 429, modes=EVERYWHERE)
def registration_codes_inside_the_throttle(visit):
    visit.again(2, url("pre-register"), sent_to(visit))


@row("code-pre-register", *[200] * 5, 429, past="code_send 5/h/key", **NO_WAIT)
def registration_codes_past_the_hours_five(visit):
    visit.again(6, url("pre-register"), sent_to(visit))


@row("code-pre-register", *[200] * 10, 429, past="code_send 10/d/key", **NO_WAIT)
def registration_codes_past_the_days_ten(visit):
    for _ in range(2):
        visit.again(5, url("pre-register"), sent_to(visit))
        visit.wait(HOUR)
    visit.post(url("pre-register"), sent_to(visit))


@row("code-pre-register", 429, past="code_send 20/h/ip")
def a_registration_code_from_an_address_with_twenty(visit):
    visit.use_up("code_send", 20)
    visit.post(url("pre-register"), sent_to(visit))


@row("code-pre-register", 200, PASSWORDLESS={"CONCEAL": False})
def a_registration_code_where_nothing_is_concealed(visit):
    visit.post(url("pre-register"), sent_to(visit))
