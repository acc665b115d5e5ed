"""What a phone number may look like: one number is one account, and what is no number is a clear 400."""

import pytest

from customer_registration.models import Customer, OtpVerification
from tests.conftest import PASSWORD

REGISTER = "/auth/customer/emailpass/register"
INVALID = {"type": "invalid_data", "message": "Invalid request: Invalid phone number"}
pytestmark = pytest.mark.life_cycle

SPELLINGS = [
    "+14155552671", "+1 415 555 2671", "+1-415-555-2671", "+1.415.555.2671", "+1 (415) 555-2671", "+1(415)5552671",
    "4155552671", "(415) 555-2671", "415-555-2671", "415.555.2671", "415 555 2671", "415/555/2671", "1 415 555 2671",
    "1-415-555-2671", "14155552671", " +14155552671 ", "+1  415  555  2671", "(415)5552671", "+1 415-555 2671",
    "+1/415/555/2671",
]  # fmt: skip
REFUSED = {
    "vanity letters": "1-800-FLOWERS",
    "an extension": "+14155552671 ext. 5",
    "an extension by letter": "+14155552671x5",
    "a pause": "+14155552671;5",
    "a comma": "+14155552671,5",
    "full-width digits": "+１４１５５５５２６７１",
    "Arabic digits": "+١٤١٥٥٥٥٢٦٧١",
    "a tel: URI": "tel:+14155552671",
    "RFC 3966 parameters": "+14155552671;phone-context=example.com",
    "forty digits": "+" + "1" * 40,
    "thirty-two ones": "1" * 32,
    "toll-free": "+18005550199",
    "premium rate": "+19005550199",
    "a premium number elsewhere": "+4490912345678",
    "shared cost elsewhere": "+448431234567",
    "a land line elsewhere": "+442079460123",
    "valid in another region only": "07400 123456",
    "too short": "+1415555",
    "an unknown country": "+9991234567",
    "a plus in the middle": "415+5552671",
    "two pluses": "++14155552671",
    "only separators": "(-)",
    "a bidi mark": "+1415555\u202e2671",
    "a line break": "+1415555\n2671",
}


@pytest.fixture(autouse=True)
def by_phone(configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"})


def test_a13_twenty_spellings_of_one_number_are_one_account(api):
    assert len(SPELLINGS) == len(set(SPELLINGS)) == 20
    answers = [api.post(REGISTER, {"phone": spelling, "password": PASSWORD}) for spelling in SPELLINGS]
    assert {answer.status_code for answer in answers} == {200}
    assert [customer.phone for customer in Customer.objects.all()] == ["+14155552671"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_number_to_text_is_a_clear_400_and_stores_nothing(api, name):
    answer = api.post(REGISTER, {"phone": REFUSED[name], "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (400, INVALID)
    assert not Customer.objects.exists()


@pytest.mark.parametrize("name", REFUSED)
def test_at_login_it_is_a_stranger(api, name):
    answer = api.post("/auth/customer/emailpass", {"phone": REFUSED[name], "password": PASSWORD})
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid phone or password")


def test_types_that_the_project_accepts_pass(api, configure):
    configure(SMS_GUARD={"NUMBER_TYPES": ["FIXED_LINE"]})
    assert api.post(REGISTER, {"phone": "+442079460123", "password": PASSWORD}).status_code == 200
    assert api.post(REGISTER, {"phone": "+447400123456", "password": PASSWORD}).json() == INVALID


def test_without_a_default_region_only_international_numbers_pass(api, settings):
    settings.PHONENUMBER_DEFAULT_REGION = None
    assert api.post(REGISTER, {"phone": "(415) 555-2671", "password": PASSWORD}).json() == INVALID
    assert api.post(REGISTER, {"phone": "+1 415 555 2671", "password": PASSWORD}).status_code == 200


def test_a_text_message_carries_a_code_of_its_row(api):
    from example_project.inbox.models import InboxMessage

    token = api.post(REGISTER, {"phone": "+14155552671", "password": PASSWORD}).json()["token"]
    customer = api.post("/store/customers", {}, token=token).json()["customer"]
    api.post("/store/customers/otp/send", {"customer_id": customer["id"], "type": "phone_verification"})
    message = InboxMessage.objects.get()
    assert (message.to, message.channel) == ("+14155552671", "sms")
    assert OtpVerification.objects.get().code() in message.text


def test_unknown_number_types_are_found_at_start(settings):
    from django.core.checks import run_checks

    settings.CUSTOMER_REGISTRATION = {**settings.CUSTOMER_REGISTRATION, "SMS_GUARD": {"NUMBER_TYPES": ["MOBLE"]}}
    assert "customer_registration.E013" in [message.id for message in run_checks()]
