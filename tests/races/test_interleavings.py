"""The worst moments, one step at a time: somebody else acts between two steps of a flow."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.flows import claims, proving
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.conftest import last_code, wrong
from tests.races.at_once import post

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.life_cycle,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("unlimited"),
]

VERIFY = "/store/customers/otp/verify"
NEW_CLAIM = {"email": "jane@example.com", "password": "another battery staple"}


@pytest.fixture
def lapsed(sign_up, send_code):
    """Return a person whose claim is over, and the proof they still hold."""
    person = sign_up()
    proof = {"token": send_code(person), "code": last_code(person.email)}
    Customer.objects.filter(pk=person.id).update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    return person, proof


def register():
    return post("/auth/customer/emailpass/register", NEW_CLAIM)


def test_an_owner_who_proves_it_while_a_newcomer_claims_it_keeps_it(lapsed, between):
    person, proof = lapsed
    others = between(claims, "release", post(VERIFY, proof))
    answer = register()()
    assert others[0].status_code == 200
    assert (answer.status_code, answer.json()["message"]) == (401, "Identity with email already exists")
    assert person.row.email_verified_at is not None
    assert person.row.user.check_password(person.password)
    assert not AccountEvent.objects.filter(kind="claim_lapsed").exists()
    assert Customer.objects.count() == 1


def test_a_newcomer_who_claims_it_while_the_owner_proves_it_keeps_it(lapsed, between):
    person, proof = lapsed
    others = between(proving, "consume", register())
    answer = post(VERIFY, proof)()
    assert others[0].status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert person.row.email is None
    assert person.row.email_verified_at is None
    assert Customer.objects.get(email="jane@example.com").email_verified_at is None


def test_a_claim_renewed_while_a_newcomer_claims_it_is_kept(lapsed, between):
    person, _ = lapsed

    def renew():
        Customer.objects.filter(pk=person.id).update(claim_expires_at=timezone.now() + timedelta(hours=1))

    between(claims, "release", renew)
    assert register()().status_code == 401
    assert person.row.email == "jane@example.com"
    assert person.row.user.has_usable_password()


def test_a_contact_replaced_while_its_code_was_on_its_way_is_not_verified(sign_up, send_code):
    person = sign_up()
    proof = {"token": send_code(person), "code": last_code(person.email)}
    Customer.objects.filter(pk=person.id).update(email="other@example.com")
    answer = post(VERIFY, proof)()
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert person.row.email_verified_at is None
    assert OtpVerification.objects.get().consumed_at is None  # both or neither


@pytest.mark.parametrize("guesses", [1, 2, 3])
def test_guesses_made_while_a_new_code_is_written_are_not_forgotten(sign_up, send_code, between, guesses):
    person = sign_up()
    bad = {"token": send_code(person), "code": wrong(last_code(person.email))}
    others = between(OtpVerificationQuerySet, "supersede", *[post(VERIFY, bad)] * guesses)
    with time_machine.travel(timezone.now() + timedelta(seconds=91), tick=True):
        sent = post("/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"})()
        newest = OtpVerification.objects.live(timezone.now()).get()
    compared = [answer for answer in others if answer and answer.status_code == 400]
    assert newest.attempts == len(compared) >= 1
    assert sent.status_code in (200, 503)  # 503: above read committed the database refuses, and nothing has changed


def test_a_code_used_while_a_new_one_is_written_stays_used(sign_up, send_code, between):
    person = sign_up()
    good = {"token": send_code(person), "code": last_code(person.email)}
    others = between(OtpVerificationQuerySet, "supersede", post(VERIFY, good))
    with time_machine.travel(timezone.now() + timedelta(seconds=91), tick=True):
        sent = post("/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"})()
    assert others[0].status_code == 200
    assert sent.status_code in (200, 503)
    assert person.row.email_verified_at is not None
    assert post(VERIFY, good)().json()["code"] == "otp_invalid"
