"""A contact change, or its undo, against somebody's unproven claim on the contact."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification
from customer_registration.signals import claim_lapsed
from tests.conftest import PASSWORD, holds_no_contact, last_code, link_token

CONTACT, UNDO, ME = "/store/customers/me/contact", "/store/customers/contact/undo", "/store/customers/me"
LOGIN, REGISTER = "/auth/customer/emailpass", "/auth/customer/emailpass/register"
VERIFY = "/store/customers/otp/verify"
NEW = "new@example.com"
EVES = "a password of Eve's"

pytestmark = pytest.mark.life_cycle


def is_closed(eve):
    row = eve.row
    return (
        (row.email, row.phone, row.user.has_usable_password()) == (None, None, False)
        and holds_no_contact(row.user)
        and not OtpVerification.objects.filter(customer=row, consumed_at=None).exists()
    )


def test_a_lapsed_claim_gives_way_when_the_code_comes_back(api, verified, sign_up, send_code, hear):
    person, token = verified()
    eve = sign_up(NEW, EVES)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        proof_of_eve = {"token": send_code(eve), "code": last_code(NEW)}
        lapsed = hear(claim_lapsed)
        flow = api.post(CONTACT, {"email": NEW}, token=token).json()["token"]
        assert eve.row.email == NEW
        answer = api.post(f"{CONTACT}/verify", {"token": flow, "code": last_code(NEW)}, token=token)
        assert answer.json()["customer"]["email"] == NEW
        assert is_closed(eve)
        assert [(each["customer_id"], each["kind"]) for each in lapsed] == [(eve.id, "email")]
        assert person.row.email == person.row.user.email == NEW
        assert api.post(VERIFY, proof_of_eve).json()["code"] == "otp_invalid"
        assert api.post("/auth/token/refresh", token=eve.token).status_code == 401
        assert api.post(LOGIN, {"email": NEW, "password": EVES}).status_code == 401
        assert api.post(LOGIN, {"email": NEW, "password": PASSWORD}).status_code == 200


def test_a_lapsed_number_goes_and_its_holders_proven_address_stays(verified, change_contact):
    _, token = verified()
    eve, _ = verified("eve@example.com", phone="+14155552671")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        change_contact(token, phone="+14155552671")
    row = eve.row
    assert (row.email, row.phone) == ("eve@example.com", None)
    assert row.user.check_password(PASSWORD)
    assert Customer.objects.get(phone="+14155552671").email == "jane@example.com"


def test_a_lapsed_claim_that_was_proven_in_time_stays(api, verified, sign_up, send_code):
    _, token = verified()
    eve = sign_up(NEW, EVES)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        flow = api.post(CONTACT, {"email": NEW}, token=token).json()["token"]
        janes = last_code(NEW)
        assert api.post(VERIFY, {"token": send_code(eve), "code": last_code(NEW)}).status_code == 200
        answer = api.post(f"{CONTACT}/verify", {"token": flow, "code": janes}, token=token)
    assert (answer.status_code, answer.json()["type"]) == (422, "duplicate_error")
    assert eve.row.email == NEW


# The old address is not reserved


@pytest.fixture
def replaced(verified, change_contact):
    """Jane's address, replaced; return the person and the undo link's token."""
    person, token = verified()
    change_contact(token, email=NEW)
    return person, link_token(person.email)


@pytest.mark.parametrize("minutes", [1, 16])
def test_undo_evicts_an_unproven_claim_fresh_or_lapsed(api, replaced, sign_up, minutes):
    person, link = replaced
    eve = sign_up(person.email, EVES)
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        assert api.post(UNDO, {"token": link}).json() == {"success": True}
        assert is_closed(eve)
        assert person.row.email == person.row.user.email == person.email
        assert api.get(ME, token=eve.token).status_code == 401
        assert api.post("/auth/token/refresh", token=eve.token).status_code == 401
        assert api.post(LOGIN, {"email": person.email, "password": EVES}).status_code == 401
        assert api.post(LOGIN, {"email": person.email, "password": PASSWORD}).status_code == 200


def test_undo_evicts_a_registration_that_is_no_customer_yet(api, replaced, register):
    person, link = replaced
    token = register(person.email, EVES)
    assert api.post(UNDO, {"token": link}).status_code == 200
    assert api.post("/store/customers", {}, token=token).json() == {"message": "Unauthorized"}
    assert person.row.email == person.email


@pytest.mark.parametrize("minutes", [1, 16])
def test_undo_leaves_the_evicted_their_proven_contact(api, verified, change_contact, prove, minutes):
    person, token = verified(phone="+14155552671")
    prove(person, "phone")
    change_contact(token, phone="+12025550123")
    link = link_token(person.email)
    eve, _ = verified("eve@example.com", phone="+14155552671")
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        assert api.post(UNDO, {"token": link}).json() == {"success": True}
        row = eve.row
        assert (person.row.phone, row.phone, row.email) == ("+14155552671", None, "eve@example.com")
        assert api.post(LOGIN, {"email": row.email, "password": PASSWORD}).status_code == 200


def test_undo_of_what_somebody_else_has_proven_since_is_409(api, replaced, verified):
    person, link = replaced
    owner, token = verified(person.email, password=EVES)
    before = list(Customer.objects.order_by("pk").values())
    answer = api.post(UNDO, {"token": link})
    assert (answer.status_code, answer.json()["type"]) == (409, "conflict")
    assert answer.json()["code"] == "contact_taken"
    assert list(Customer.objects.order_by("pk").values()) == before
    assert api.get(ME, token=token).status_code == 200
    assert owner.row.user.check_password(EVES)


def test_undo_of_what_another_user_has_as_username_is_409(api, replaced):
    from tests.conftest import new_user

    person, link = replaced
    named = get_user_model().USERNAME_FIELD == "email"
    new_user(person.email if named else "boss", person.email)
    answer = api.post(UNDO, {"token": link})
    assert answer.status_code == (409 if named else 200)
    assert person.row.email == (NEW if named else person.email)
