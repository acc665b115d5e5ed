"""``SMS_GUARD`` at the doors: what may not be texted cannot be claimed, and whoever is there already still comes in."""

import pytest

from customer_registration.models import Customer, OtpVerification, OutboxMessage
from tests.by_code import url
from tests.conftest import PASSWORD, last_code, messages_to

HOME, ABROAD, LAND_LINE = "+12025550123", "+447400123456", "+442079460123"
LOGIN = "/auth/customer/emailpass"
INVALID = {"type": "invalid_data", "message": "Invalid request: Invalid phone number"}
NARROWED = {"countries": {"COUNTRIES": ["US"]}, "types": {"NUMBER_TYPES": ["PAGER"]}}


@pytest.fixture
def abroad(configure, sign_up, prove):
    """A customer with a proven number abroad, in a shop that has turned to its own country since."""
    configure(LOGIN={"IDENTIFIER": "both"}, REGISTRATION={"IDENTIFIER": "both"})
    person = sign_up(phone=ABROAD)
    prove(person, "email")
    prove(person, "phone")
    return person


@pytest.mark.parametrize("number", [ABROAD, "+14165550123", LAND_LINE])
@pytest.mark.parametrize("road", ["/auth/customer/emailpass/register", "/auth/customer/phonepass/register"])
def test_a_number_of_another_country_cannot_register(api, configure, road, number):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, SMS_GUARD={"COUNTRIES": ["US"]})
    answer = api.post(road, {"phone": number, "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (400, INVALID)
    assert api.post(road, {"phone": HOME, "password": PASSWORD}).status_code == 200


def test_nor_come_second_at_creation(api, configure, register):
    configure(SMS_GUARD={"COUNTRIES": ["US"]})
    token = register()
    answer = api.post("/store/customers", {"phone": ABROAD}, token=token)
    assert (answer.status_code, answer.json()) == (400, INVALID)
    assert api.post("/store/customers", {"phone": HOME}, token=token).status_code == 200


def test_nor_by_a_contact_change(api, configure, verified):
    configure(SMS_GUARD={"COUNTRIES": ["US"]})
    _, token = verified()
    answer = api.post("/store/customers/me/contact", {"phone": ABROAD}, token=token)
    assert (answer.status_code, answer.json()) == (400, INVALID)
    assert api.post("/store/customers/me/contact", {"phone": HOME}, token=token).status_code == 200


@pytest.mark.parametrize("step", ["pre-register", "generate"])
def test_nor_be_sent_a_code_by_name_known_or_not(api, configure, abroad, step):
    configure(SMS_GUARD={"COUNTRIES": ["US"]})
    for number in (ABROAD, "+447400123457"):
        answer = api.post(url(step), {"identifier": number})
        assert (answer.status_code, answer.json()) == (400, INVALID)
    assert api.post(url(step), {"identifier": HOME}).status_code == 200


def test_nor_be_asked_for_a_way_back(api, configure):
    configure(SMS_GUARD={"COUNTRIES": ["US"]})
    for name in ("phone", "email_or_phone"):
        answer = api.post("/store/customers/account-deletion/cancel-request", {name: ABROAD})
        assert (answer.status_code, answer.json()) == (400, INVALID)


@pytest.mark.parametrize("narrowed", NARROWED)
def test_who_is_there_already_logs_in_by_number_and_password(api, configure, abroad, narrowed):
    configure(SMS_GUARD=NARROWED[narrowed])
    for name in ("phone", "email_or_phone"):
        answer = api.post(LOGIN, {name: ABROAD, "password": PASSWORD})
        assert answer.status_code == 200, answer.content
    token = answer.json()["token"]
    body = {"old_password": PASSWORD, "password": "another horse battery"}
    assert api.post("/store/customers/me/password", body, token=token).status_code == 200


def test_and_is_found_by_djangos_own_roads(client, configure, abroad):
    configure(SMS_GUARD={"COUNTRIES": ["US"]})
    assert client.login(phone=ABROAD, password=PASSWORD)


@pytest.mark.parametrize("narrowed", NARROWED)
def test_but_gets_no_text_and_an_answer_like_everybody(api, configure, abroad, narrowed):
    configure(SMS_GUARD=NARROWED[narrowed], PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})
    before = len(messages_to(ABROAD))
    known, unknown = (
        api.post(f"{LOGIN}/reset-password", {"identifier": number}) for number in (ABROAD, "+447400123457")
    )
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 201
    assert len(messages_to(ABROAD)) == before
    row = OutboxMessage.objects.filter(kind="password_reset").first()
    assert (row.state, row.last_error[:11]) == ("suppressed", "Held back: ")
    assert ABROAD[1:] not in row.last_error


def test_a_code_that_was_sent_before_is_still_good(api, configure, abroad):
    flow = api.post(url("generate"), {"identifier": ABROAD}).json()["token"]
    code = last_code(ABROAD)
    configure(SMS_GUARD={"COUNTRIES": ["US"]})
    answer = api.post(url("verify"), {"identifier": ABROAD, "otp": code, "token": flow})
    assert answer.status_code == 200, answer.content


def test_what_cannot_be_claimed_leaves_nothing_behind(api, configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, SMS_GUARD={"COUNTRIES": ["US"]})
    api.post("/auth/customer/phonepass/register", {"phone": ABROAD, "password": PASSWORD})
    api.post(url("pre-register"), {"identifier": ABROAD})
    assert not any(model.objects.exists() for model in (Customer, OtpVerification, OutboxMessage))
