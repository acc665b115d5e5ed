"""A contact that a second factor's codes go to is not moved by whoever has only a session."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.conftest import last_code
from tests.second_steps import AGAIN, FACTORS, PHONE, enable, ok, pending, show, with_app

pytestmark = pytest.mark.life_cycle

CONTACT = "/store/customers/me/contact"
ANOTHER = {"phone": "+14155552671"}


@pytest.fixture
def jane(api, configure, verified, prove):
    """A customer with a proven e-mail and a proven phone; return a token that has shown no factor."""
    configure(PHONE_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    person, bearer = verified(phone=PHONE)
    prove(person, "phone")
    return bearer


@pytest.fixture
def by_phone(api, jane):
    """Put codes to the phone in force."""
    made = ok(api.post(FACTORS, {"provider": "otp"}, token=jane))["mfa_factor"]
    enable(api, jane, made["id"], last_code(PHONE))
    return jane


def test_a_session_that_has_shown_no_factor_does_not_move_it(api, by_phone):
    answer = api.post(CONTACT, ANOTHER, token=by_phone)
    assert (answer.status_code, answer.json()) == (403, AGAIN)


def test_one_that_has_shown_it_just_now_does(api, by_phone):
    token = ok(show(api, pending(api), last_code(PHONE), "otp"))["token"]
    ok(api.post(CONTACT, ANOTHER, token=token))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert api.post(CONTACT, ANOTHER, token=token).json() == AGAIN


def test_the_other_contact_can_be_changed_as_ever(api, by_phone):
    ok(api.post(CONTACT, {"email": "new@example.com"}, token=by_phone))


def test_an_app_goes_with_no_contact(api, jane):
    with_app(api, jane)
    ok(api.post(CONTACT, ANOTHER, token=jane))
