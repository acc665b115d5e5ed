"""``REGISTRATION.EXISTING_ACCOUNT = "conceal"``: what the person who signs up sees, and what the holder is told."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.models import AccountEvent, Customer, OutboxMessage
from tests.conftest import PASSWORD, last_code, link_token, messages_to, wrong

REGISTER, LOGIN = "/auth/customer/emailpass/register", "/auth/customer/emailpass"
SEND, VERIFY, REFRESH = "/store/customers/otp/send", "/store/customers/otp/verify", "/auth/token/refresh"
JANE, PHONE, OTHER = "jane@example.com", "+12025550123", "+12025550124"
STRANGER = "a stranger's password"
HELD = "already has an account"

pytestmark = pytest.mark.life_cycle


@pytest.fixture(autouse=True)
def conceal(configure):
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})


@pytest.fixture
def jane(verified):
    """Return Jane, a customer whose address is proven."""
    return verified(JANE)[0]


@pytest.fixture
def shadow(api, jane):
    """Return the registration token of somebody who signed up with Jane's address."""
    answer = api.post(REGISTER, {"email": JANE, "password": STRANGER})
    assert answer.status_code == 200, answer.content
    return answer.json()["token"]


@pytest.fixture
def create(api):
    """Create the customer of a registration token; return the customer object."""

    def run(token, **contacts):
        answer = api.post("/store/customers", contacts, token=token)
        assert answer.status_code == 200, answer.content
        return answer.json()["customer"]

    return run


@pytest.fixture
def send(api):
    """Ask for the code to a contact of a customer; return the flow token."""

    def run(customer, kind="email"):
        answer = api.post(SEND, {"customer_id": customer["id"], "type": f"{kind}_verification"})
        assert answer.status_code == 200, answer.content
        return answer.json()["token"]

    return run


def test_a_taken_address_registers_like_a_free_one(api, jane, shadow, create):
    customer = create(shadow)
    assert customer["id"] != jane.id
    assert (customer["email"], customer["email_verified"]) == (JANE, False)
    free = create(api.post(REGISTER, {"email": "free@example.com", "password": STRANGER}).json()["token"])
    assert customer.keys() == free.keys()


def test_the_owner_is_told_and_gets_no_code(jane, shadow):
    [newest, *_] = messages_to(JANE)
    assert HELD in newest
    assert not OutboxMessage.objects.filter(kind="existing_account").exclude(otp=None).exists()


def test_a_fresh_address_is_told_nothing(api):
    api.post(REGISTER, {"email": "free@example.com", "password": STRANGER})
    assert messages_to("free@example.com") == []


def test_nothing_of_the_owners_changes(api, jane, shadow, create):
    create(shadow, first_name="Eve")
    assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 200
    assert jane.row.first_name is None


def test_a_shadow_is_no_way_in(api, jane, shadow, create):
    create(shadow)
    answer = api.post(LOGIN, {"email": JANE, "password": STRANGER})
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid email or password")


def test_its_codes_are_never_sent_and_never_right(api, jane, shadow, create, send):
    before = len(messages_to(JANE))
    token = send(create(shadow))
    assert len(messages_to(JANE)) == before
    answer = api.post(VERIFY, {"token": token, "code": "000000"})
    assert (answer.json()["code"], answer.json()["attempts_remaining"]) == ("otp_invalid", 4)


def test_its_link_is_never_sent(api, shadow, create):
    create(shadow)
    before = len(messages_to(JANE))
    asked = {"entity_id": JANE, "entity_type": "email"}
    answer = api.post("/auth/verification/request", asked, token=shadow)
    assert (answer.status_code, answer.json()["verification"]["entity_id"]) == (201, JANE)
    assert len(messages_to(JANE)) == before


def test_refresh_treats_it_as_any_unverified_person(api, register, shadow, create):
    honest = register("free@example.com")
    for token in (shadow, honest):
        assert api.post(REFRESH, token=token).status_code == 200
        create(token)
    one, other = (api.post(REFRESH, token=token) for token in (shadow, honest))
    assert one.status_code == other.status_code == 403
    assert one.json().keys() == other.json().keys()
    assert one.json()["code"] == "verification_required"


def test_an_unproven_login_is_that_of_a_wrong_password(api, sign_up, configure):
    configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
    sign_up(JANE)
    right, wrong_one = (api.post(LOGIN, {"email": JANE, "password": word}) for word in (PASSWORD, STRANGER))
    assert right.status_code == wrong_one.status_code == 401
    assert right.json() == wrong_one.json()


def test_before_the_customer_exists_too(api, register):
    register(JANE)
    assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 401


def test_so_is_the_first_step_of_a_two_step_login(api, sign_up):
    sign_up(JANE)
    assert api.post("/store/auth", {"email": JANE, "password": PASSWORD}).status_code == 401


def test_right_passwords_of_the_unproven_are_counted_as_wrong_ones(api, sign_up):
    sign_up(JANE)
    answers = [api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_nothing_resumes(api, register, create, send):
    first, again = create(register(JANE)), create(register(JANE))
    assert first["id"] != again["id"]
    assert HELD in messages_to(JANE)[0]
    token = send(first)
    assert api.post(VERIFY, {"token": token, "code": last_code(JANE)}).json()["token"]
    assert Customer.objects.get(email=JANE).pk == first["id"]


def test_a_taken_second_identifier_is_concealed_too(api, verified, prove, register, create, send):
    person, _ = verified(JANE, phone=PHONE)
    prove(person, "phone")
    customer = create(register("eve@example.com"), phone=PHONE)
    assert (customer["phone"], customer["phone_verified"]) == (PHONE, False)
    assert HELD in messages_to(PHONE)[0]
    send(customer, "phone")
    assert HELD in messages_to(PHONE)[0]
    assert Customer.objects.get(phone=PHONE).pk == person.id


def test_the_first_identifier_beside_it_can_be_proven(api, verified, register, create, send):
    verified(JANE, phone=PHONE)
    customer = create(register("eve@example.com"), phone=PHONE)
    proof = {"token": send(customer), "code": last_code("eve@example.com")}
    bearer = api.post(VERIFY, proof).json()["token"]
    seen = api.get("/store/customers/me", token=bearer).json()["customer"]
    assert (seen["email_verified"], seen["phone"], seen["phone_verified"]) == (True, PHONE, False)


def test_a_free_second_identifier_of_a_shadow_can_be_proven(api, configure, shadow, create, send):
    configure(LOGIN={"IDENTIFIER": "both"})
    customer = create(shadow, phone=OTHER)
    proof = {"token": send(customer, "phone"), "code": last_code(OTHER)}
    bearer = api.post(VERIFY, proof).json()["token"]
    seen = api.get("/store/customers/me", token=bearer).json()["customer"]
    assert (seen["phone_verified"], seen["email"], seen["email_verified"]) == (True, JANE, False)
    assert api.post(LOGIN, {"phone": OTHER, "password": STRANGER}).status_code == 200
    assert api.post(LOGIN, {"email": JANE, "password": STRANGER}).status_code == 401


def test_a_shadow_that_changes_its_address_keeps_none_of_the_owners(
    api, configure, shadow, create, send, change_contact
):
    configure(LOGIN={"IDENTIFIER": "both"})
    customer = create(shadow, phone=OTHER)
    bearer = api.post(VERIFY, {"token": send(customer, "phone"), "code": last_code(OTHER)}).json()["token"]
    change_contact(bearer, email="eve@example.com")
    row = Customer.objects.get(pk=customer["id"])
    assert (row.email, row.shadow_email) == ("eve@example.com", None)


def test_messages_to_an_owner_keep_to_the_limits_of_their_recipient(api, jane):
    for _ in range(8):
        assert api.another().post(REGISTER, {"email": JANE, "password": STRANGER}).status_code == 200
    # Five an hour: Jane's own registration, which might have told somebody, and her code were the first two.
    assert sum(HELD in text for text in messages_to(JANE)) == 3


def test_whoever_is_deactivated_is_not_told(api, jane):
    jane.row.user.__class__.objects.update(is_active=False)
    before = len(messages_to(JANE))
    assert api.post(REGISTER, {"email": JANE, "password": STRANGER}).status_code == 200
    assert len(messages_to(JANE)) == before


def test_a_claim_that_lapses_gives_way_and_its_owner_gets_in(api, sign_up, create, send, register):
    thief = sign_up(JANE, STRANGER)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        mine = create(register(JANE))
        assert Customer.objects.get(email=JANE).pk == mine["id"] != thief.id
        assert api.post(VERIFY, {"token": send(mine), "code": last_code(JANE)}).json()["token"]


def test_a_victim_who_meets_a_fresh_claim_is_told_and_can_reset(api, sign_up, register):
    sign_up(JANE, STRANGER)
    register(JANE)
    assert HELD in messages_to(JANE)[0]
    api.post("/auth/customer/emailpass/reset-password", {"identifier": JANE})
    link = link_token(JANE)
    assert api.post("/auth/customer/emailpass/update", {"password": PASSWORD}, token=link).status_code == 200
    assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("held", [True, False], ids=["held", "free"])
def test_whatever_came_of_a_claim_is_over_when_it_lapses(api, held, verified, register, create, send):
    if held:
        with time_machine.travel(timezone.now() - timedelta(hours=2)):
            verified(JANE)
    registered = register(JANE)
    customer, flow = create(registered), None
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        answer = api.post(SEND, {"customer_id": customer["id"], "type": "email_verification"}).json()
        flow = answer["token"]
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        register(JANE)
        sent = len(messages_to(JANE))
        assert api.post(REFRESH, token=registered).status_code == 401
        assert api.post(VERIFY, {"token": flow, "code": "000000"}).json()["code"] == "otp_expired"
        assert api.post(SEND, {"customer_id": customer["id"], "type": "email_verification"}).status_code == 200
        assert len(messages_to(JANE)) == sent


@pytest.mark.parametrize("held", [True, False], ids=["held", "free"])
def test_an_unproven_second_contact_is_not_shown_once_its_claim_is_over(api, held, verified, register, create, send):
    if held:
        verified(JANE, phone=PHONE)
    customer = create(register("eve@example.com"), phone=PHONE)
    bearer = api.post(VERIFY, {"token": send(customer), "code": last_code("eve@example.com")}).json()["token"]
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert api.get("/store/customers/me", token=bearer).json()["customer"]["phone"] is None


def test_wrong_codes_at_a_shadow_count_like_those_at_a_claim(api, configure, jane, register, create, send):
    configure(RATE_LIMITS={"RULES": {"code_send": ""}})
    codes = []
    for _ in range(3):
        token = send(create(register(JANE)))
        codes += [api.post(VERIFY, {"token": token, "code": wrong("000000")}).json()["code"] for _ in range(5)]
    assert codes == ["otp_invalid"] * 10 + ["otp_attempts_exceeded"] * 5


def test_the_audit_trail_says_what_was_a_shadow(shadow):
    event = AccountEvent.objects.filter(kind="identity_registered").latest("pk")
    assert (event.detail, event.contact) == ({"shadow": True}, "j***@example.com")


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_codes_that_are_sent_at_once_leave_the_owner_alone(api, configure, kind, verified, prove, register, create):
    person, _ = verified(JANE, phone=PHONE)
    prove(person, "phone")
    option = {"AUTO_SEND_ON_REGISTRATION": True}
    configure(**{f"{kind.upper()}_VERIFICATION": option})
    token = register(JANE) if kind == "email" else register("eve@example.com")
    create(token, **({} if kind == "email" else {"phone": PHONE}))
    assert HELD in messages_to(JANE if kind == "email" else PHONE)[0]
