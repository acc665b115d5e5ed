"""Every road on which a code comes back counts one proof of its prefix, for the SMS guard's brake."""

import pytest
from django.utils import timezone

from customer_registration.identifiers import phone_prefix
from customer_registration.messaging import sms_guard
from tests import by_code
from tests.conftest import last_code, link_token
from tests.second_steps import FACTORS, PHONE, enable, ok, pending, show

NEW = "+14155552671"


@pytest.fixture(autouse=True)
def judged(configure):
    configure(
        SMS_GUARD={"MIN_CONVERSION": 0.25},
        REGISTRATION={"IDENTIFIER": "both"},
        LOGIN={"IDENTIFIER": "both"},
        **by_code.UNHURRIED,
    )


def counted(number=PHONE):
    """Return how many codes to a number's prefix were sent, and how many came back."""
    tallies = (sms_guard._tally(what, phone_prefix(number), timezone.now()) for what in ("sms_sent", "sms_proven"))
    return tuple(tally.count() for tally in tallies)


@pytest.fixture
def jane(verified, prove):
    """A customer whose address and number are proven; return her and a token. One code has gone to the number."""
    person, token = verified(phone=PHONE)
    assert counted() == (0, 0)
    prove(person, "phone")
    return person, token


def test_the_code_that_proves_a_number(jane):
    assert counted() == (1, 1)


def test_a_wrong_code_is_no_proof_and_the_right_one_is_one_once(api, sign_up, send_code):
    proof = {"token": send_code(sign_up(phone=PHONE), "phone"), "code": "000000"}
    api.post("/store/customers/otp/verify", proof)
    assert counted() == (1, 0)
    for _ in range(2):
        api.post("/store/customers/otp/verify", proof | {"code": last_code(PHONE)})
    assert counted() == (1, 1)


def test_the_link_that_proves_a_number(api, sign_up):
    asked = {"entity_id": PHONE, "entity_type": "phone"}
    assert api.post("/auth/verification/request", asked, token=sign_up(phone=PHONE).token).status_code == 201
    ok(api.post("/auth/verification/confirm", {"code": link_token(PHONE)}))
    assert counted() == (1, 1)


def test_a_contact_change(jane, change_contact):
    change_contact(jane[1], phone=NEW)
    assert counted(NEW) == (1, 1)


def test_a_reset_link(api, jane, reset_link):
    answer = api.post("/auth/customer/emailpass/update", {"password": "another horse"}, token=reset_link(PHONE))
    assert answer.status_code == 200
    assert counted()[1] == 2


def test_a_code_to_log_in_with(api, jane):
    by_code.log_in(api, PHONE)
    assert counted()[1] == 2


def test_a_code_that_takes_an_unproven_account_over(api, sign_up):
    sign_up(phone=PHONE)
    by_code.log_in(api, PHONE)
    assert counted() == (1, 1)


def test_a_code_that_registers_and_then_logs_in_is_one_proof(api):
    by_code.register(api, NEW)
    ok(by_code.bring(api, last_code(NEW), identifier=NEW, step=""))
    assert counted(NEW) == (1, 1)


def test_a_second_factor(clock, api, jane):
    _, token = jane
    made = ok(api.post(FACTORS, {"provider": "otp", "metadata": {"entity_type": "phone"}}, token=token))["mfa_factor"]
    enable(api, token, made["id"], last_code(PHONE))
    assert counted()[1] == 2
    ok(show(api, pending(api), last_code(PHONE), "otp"))
    assert counted()[1] == 3


def test_a_mailed_code_is_none(jane, change_contact):
    before = counted()
    change_contact(jane[1], email="new@example.com")
    assert counted()[1] == before[1]
