"""Rows of whoever signs up with a contact that may be somebody's: where accounts are concealed, they never learn."""

from tests.conftest import wrong
from tests.security.matrix.observing import Visit
from tests.security.matrix.row import CONCEALED, row
from tests.security.matrix.rows_of_codes import SEND, VERIFY, code
from tests.security.matrix.rows_of_passwords import NEW, WRONG

REGISTER, LOGIN, CUSTOMERS = "/auth/customer/emailpass/register", "/auth/customer/emailpass", "/store/customers"
REFRESH, THROTTLE, CLAIM = "/auth/token/refresh", 91, 15 * 60


def signed_up(visit: Visit) -> tuple[dict[str, str], dict[str, str]]:
    """Sign up with the person's address, or with a number of theirs and an address of one's own.

    Returns:
        The header that bears the registration token, and what asks for a code to the person's contact.
    """
    mine = {"email": "the-registrants-own@example.com"} if visit.who.kind == "phone" else visit.by
    bearer = {"authorization": f"Bearer {visit.post(REGISTER, {**mine, 'password': NEW})['token']}"}
    customer = visit.post(CUSTOMERS, visit.by, **bearer)["customer"]
    return bearer, {"customer_id": customer["id"], "type": f"{visit.who.kind}_verification"}


@row("register", 200, 200, 403, 200, *[400] * 6, 200, 400, 400, 401, 401, 401, 200, 401, modes=CONCEALED)
def a_sign_up_to_its_end(visit):
    bearer, asked = signed_up(visit)
    visit.post(REFRESH, **bearer)
    older = visit.post(SEND, asked)["token"]
    visit.again(6, VERIFY, {"token": older, "code": wrong(code())})
    visit.wait(THROTTLE)
    newer = visit.post(SEND, asked)["token"]
    for flow in (older, newer):
        visit.post(VERIFY, {"token": flow, "code": wrong(code())})
    for password in (NEW, WRONG, WRONG):
        visit.post(LOGIN, {**visit.by, "password": password})
    visit.wait(CLAIM)
    visit.post(SEND, asked)
    visit.post(REFRESH, **bearer)


@row("register", 200, 200, 201, 429, 400, 200, 200, 401, modes=CONCEALED)
def a_sign_up_by_the_sdks_own_verification(visit):
    bearer, _ = signed_up(visit)
    request = {"entity_id": visit.who.identifier, "entity_type": visit.who.kind, "code_provider": "otp"}
    for _ in range(2):
        visit.post("/auth/verification/request", request, **bearer)
    visit.post("/auth/verification/confirm", {"code": wrong(code()), "code_provider": "otp"}, **bearer)
    visit.post("/auth/session", **bearer)
    visit.request("delete", "/auth/session")
    visit.get("/store/customers/me")


@row("register", *[200] * 7, modes=("concealed",))
def sign_ups_past_the_messages_of_an_hour(visit):
    """Registrations go on past the limit of what the holder of an address is told of them."""
    visit.again(7, REGISTER, {**visit.by, "password": NEW})
