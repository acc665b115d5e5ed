"""Every combination of REGISTRATION.IDENTIFIER, LOGIN.IDENTIFIER and REQUIRE_VERIFICATION, over HTTP."""

import itertools
import re

import pytest

from customer_registration.enums import IdentifierKind
from customer_registration.models import Customer
from customer_registration.tokens import LoginToken
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, last_code

REGISTER, LOGIN = "/auth/customer/emailpass/register", "/auth/customer/emailpass"
EMAIL, PHONE, TYPED_PHONE = "jane@example.com", "+14155552671", "(415) 555-2671"
CONTACT = {"email": EMAIL, "phone": PHONE}
KINDS = {"email": ["email"], "phone": ["phone"], "both": ["email", "phone"]}
pytestmark = pytest.mark.life_cycle


def last_text(to: str = PHONE) -> str:
    """Return the code of the newest text message to a number."""
    return re.match(r"(\w+) is", InboxMessage.objects.filter(to=to)[0].text)[1]


def read_code(kind: str) -> str:
    return last_code(EMAIL) if kind == "email" else last_text()


@pytest.fixture
def mode(configure):
    """Set the three options."""

    def choose(registration, login=None, verify=True):
        configure(
            REGISTRATION={"IDENTIFIER": registration, "REQUIRE_VERIFICATION": verify}, LOGIN={"IDENTIFIER": login}
        )

    return choose


@pytest.fixture
def join(api):
    """Register and create a customer in the mode in force; return the registration token and the id."""

    def run(registration, email=EMAIL, phone=TYPED_PHONE):
        first = {"phone": phone} if registration == "phone" else {"email": email}
        token = api.post(REGISTER, {**first, "password": PASSWORD}).json()["token"]
        second = {"phone": phone} if registration == "both" else {}
        answer = api.post("/store/customers", second, token=token)
        assert answer.status_code == 200, answer.content
        return token, answer.json()["customer"]["id"]

    return run


@pytest.fixture
def prove(api):
    """Prove a contact by its code and return the answer."""

    def run(customer_id, kind):
        body = {"customer_id": customer_id, "type": f"{kind}_verification"}
        flow = api.post("/store/customers/otp/send", body).json()["token"]
        return api.post("/store/customers/otp/verify", {"token": flow, "code": read_code(kind)}).json()

    return run


def try_login(api, kind):
    return api.post(LOGIN, {kind: CONTACT[kind], "password": PASSWORD})


@pytest.mark.parametrize(
    ("registration", "login", "verify"), list(itertools.product(KINDS, [None, *KINDS], [True, False]))
)
def test_each_login_identifier_needs_its_own_proof_and_no_other(api, mode, join, prove, registration, login, verify):
    mode(registration, login, verify)
    _, customer_id = join(registration)
    held, logs_in = KINDS[registration], KINDS[login or registration]
    assert Customer.objects.get(pk=customer_id).phone == (PHONE if "phone" in held else None)

    for kind in KINDS["both"]:
        answer = try_login(api, kind)
        if kind not in logs_in or kind not in held:
            assert answer.json() == {"type": "unauthorized", "message": f"Invalid {kind} or password"}
        elif verify:
            assert (answer.status_code, answer.json()["verification_type"]) == (403, f"{kind}_verification")
        else:
            assert answer.status_code == 200

    for proven in held:
        answer = prove(customer_id, proven)
        assert (answer["verified"], answer[f"{proven}_verified"]) == (True, True)
        assert answer["needs_login"] is (proven not in logs_in)
        if proven in logs_in:
            token = LoginToken.read(answer["token"])
            assert token.auth_provider == f"{proven}pass"
            assert token.actor_id == customer_id
        for kind in set(held) & set(logs_in):
            is_open = not verify or Customer.objects.get(pk=customer_id).has_verified(IdentifierKind(kind))
            assert try_login(api, kind).status_code == (200 if is_open else 403)


@pytest.mark.parametrize(("registration", "path"), [("phone", "emailpass"), ("phone", "phonepass")])
def test_a_person_with_nothing_but_a_phone(api, mode, prove, registration, path):
    mode(registration)
    answer = api.post(f"/auth/customer/{path}/register", {"phone": TYPED_PHONE, "password": PASSWORD})
    token = LoginToken.read(answer.json()["token"])
    assert token.auth_provider == "phonepass"
    customer = api.post("/store/customers", {"first_name": "Jane"}, token=answer.json()["token"]).json()["customer"]
    assert (customer["phone"], customer["email"]) == (PHONE, None)
    assert prove(customer["id"], "phone")["needs_login"] is False
    for identifier in ({"phone": PHONE}, {"phone": "415.555.2671"}, {"email_or_phone": "+1 415 555 2671"}):
        answer = api.post(f"/auth/customer/{path}", {**identifier, "password": PASSWORD})
        assert LoginToken.read(answer.json()["token"]).auth_provider == "phonepass", identifier
    assert api.post(f"/auth/customer/{path}?phone=%2B14155552671", {"password": PASSWORD}).status_code == 200


def test_phonepass_takes_no_address(api, mode, join, prove):
    mode("both")
    _, customer_id = join("both")
    prove(customer_id, "email")
    body = {"email": EMAIL, "password": PASSWORD}
    assert api.post(LOGIN, body).status_code == 200
    answer = api.post("/auth/customer/phonepass", body)
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid email or password")


def test_a_registration_by_phone_wants_a_phone(api, mode):
    mode("phone")
    answer = api.post(REGISTER, {"email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (
        401,
        {"type": "unauthorized", "message": "Phone should be a string"},
    )
    taken = {"phone": PHONE, "password": PASSWORD}
    assert api.post(REGISTER, taken).status_code == 200
    again = api.post(REGISTER, {"phone": TYPED_PHONE, "password": "another one entirely"})
    assert again.json() == {"type": "unauthorized", "message": "Identity with phone already exists"}


def test_both_needs_the_second_identifier_at_creation(api, mode, join):
    mode("both")
    token = api.post(REGISTER, {"email": EMAIL, "password": PASSWORD}).json()["token"]
    for phone in ({}, {"phone": ""}, {"phone": None}):
        answer = api.post("/store/customers", phone, token=token)
        assert answer.status_code == 400
        assert answer.json() == {"type": "invalid_data", "message": "Invalid request: Field 'phone' is required"}
    assert api.post("/store/customers", {"phone": PHONE}, token=token).status_code == 200


def test_a_taken_second_identifier_is_422(api, mode, join):
    mode("both")
    join("both")
    token = api.post(REGISTER, {"email": "eve@example.com", "password": PASSWORD}).json()["token"]
    answer = api.post("/store/customers", {"phone": "415-555-2671"}, token=token)
    assert answer.status_code == 422
    assert answer.json()["message"] == "Customer with this phone already has an account"


@pytest.mark.parametrize(
    ("login", "ids"), [("email", ["emailpass", "otp"]), ("phone", ["emailpass", "phonepass", "otp"])]
)
def test_providers_follow_the_mode(api, mode, login, ids):
    mode("both", login)
    assert [row["id"] for row in api.get("/auth/customer/providers").json()["providers"]] == ids


def test_first_codes_go_to_both(api, mode, configure, join):
    configure(
        EMAIL_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True}, PHONE_VERIFICATION={"AUTO_SEND_ON_REGISTRATION": True}
    )
    mode("both")
    join("both")
    assert last_code(EMAIL)
    assert last_text()


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_codes_with_letters_by_either_channel(api, mode, configure, join, prove, kind):
    configure(OTP={"CHARSET": "alphanumeric", "LENGTH": 8})
    mode(kind)
    _, customer_id = join(kind)
    assert prove(customer_id, kind)["verified"] is True


def test_refresh_of_a_registration_token_needs_one_proven_login_identifier(api, mode, join, prove):
    mode("both")
    token, customer_id = join("both")
    assert api.post("/auth/token/refresh", token=token).json()["code"] == "verification_required"
    prove(customer_id, "phone")
    fresh = api.post("/auth/token/refresh", token=token).json()["token"]
    assert LoginToken.read(fresh).actor_id == customer_id


def test_the_sdks_flow_verifies_a_phone(api, mode, join):
    mode("phone")
    token, _ = join("phone")
    body = {"entity_id": TYPED_PHONE, "entity_type": "phone", "code_provider": "otp"}
    assert api.post("/auth/verification/request", body, token=token).json()["verification"]["entity_id"] == PHONE
    answer = api.post("/auth/verification/confirm", {"code": last_text()}, token=token)
    assert (answer.json()["entity_id"], answer.json()["entity_type"]) == (PHONE, "phone")


def test_a_lapsed_claim_on_a_phone_gives_way(api, mode, join):
    from datetime import timedelta

    import time_machine
    from django.utils import timezone

    mode("phone")
    _, old = join("phone")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert api.post(REGISTER, {"phone": PHONE, "password": "another one entirely"}).status_code == 200
    assert Customer.objects.get(pk=old).phone is None
    assert Customer.objects.get(phone=PHONE).pk != old
