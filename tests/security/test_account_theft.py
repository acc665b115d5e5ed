"""Somebody has stolen a session, or registered what is not theirs. In the end the owner has the account, alone.

Every story was a way in once. The thief may do what a session allows; the owner has their mailbox and the links in it.
"""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification
from tests.conftest import PASSWORD, last_code, link_token
from tests.security.theft import JANE, LOGIN, ME, PHONE, STOLEN, THIEF, THIEFS_PHONE, is_alone, take_back

pytestmark = [pytest.mark.life_cycle, pytest.mark.usefixtures("both_log_in")]


@pytest.mark.parametrize("order", [("email", "phone"), ("phone", "email")])
@pytest.mark.parametrize("first_link", [True, False])
def test_both_contacts_are_changed_and_taken_back(api, jane, change_contact, reset, order, first_link):
    person, token = jane
    thiefs = {"email": THIEF, "phone": THIEFS_PHONE}
    links = []
    for kind in order:
        token = change_contact(token, **{kind: thiefs[kind]})
        links.append(link_token(JANE))
    for link in dict.fromkeys(links if first_link else reversed(links)):
        take_back(api, token=link)
    is_alone(person, reset)


def test_a_number_that_was_added_before_is_no_way_back(api, verified, change_contact, reset):
    person, token = verified(JANE)
    token = change_contact(token, phone=THIEFS_PHONE)
    change_contact(token, email=THIEF)
    assert take_back(api) == 200
    assert (person.row.email, person.row.phone) == (JANE, None)
    assert reset(THIEFS_PHONE) is None


def test_a_number_that_was_added_afterwards_is_no_way_back(api, verified, change_contact, reset):
    person, token = verified(JANE)
    token = change_contact(token, email=THIEF)
    change_contact(token, phone=THIEFS_PHONE)
    assert take_back(api) == 200
    assert (person.row.email, person.row.phone) == (JANE, None)
    assert reset(THIEFS_PHONE) is None


def test_a_number_that_was_added_a_while_ago_stays(api, verified, change_contact):
    person, token = verified(JANE)
    change_contact(token, phone=PHONE)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        token = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
        change_contact(token, email=THIEF)
        assert take_back(api) == 200
    assert (person.row.email, person.row.phone) == (JANE, PHONE)


def test_a_thief_who_added_an_address_is_told_of_no_link(api, verified, change_contact, prove, configure):
    person, token = verified(JANE)
    token = change_contact(token, phone=PHONE)
    Customer.objects.update(email=None, email_verified_at=None, token_epoch=0)  # somebody with a phone alone
    OtpVerification.objects.all().delete()
    token = api.post(LOGIN, {"phone": PHONE, "password": PASSWORD}).json()["token"]
    change_contact(token, email=THIEF)
    token = api.post(LOGIN, {"phone": PHONE, "password": PASSWORD}).json()["token"]
    change_contact(token, email="hers@example.com")
    links = OtpVerification.objects.filter(purpose="contact_undo").exclude(destination="")
    assert [row.destination for row in links] == [PHONE]
    assert take_back(api, PHONE) == 200
    assert (person.row.email, person.row.phone) == (None, PHONE)


def test_a_password_that_was_reset_through_the_thiefs_address_goes(api, jane, change_contact, reset, log_in):
    _, token = jane
    change_contact(token, email=THIEF)
    assert reset(THIEF) == 200
    assert log_in(THIEF, STOLEN).status_code == 200
    assert take_back(api) == 200
    assert log_in(JANE, STOLEN).status_code == 401
    assert reset(JANE, PASSWORD) == 200
    assert log_in(JANE, PASSWORD).status_code == 200


def test_a_password_that_the_owner_set_meanwhile_stays(api, jane, change_contact, reset, log_in):
    _, token = jane
    change_contact(token, email=THIEF)
    assert reset(PHONE, "the owner's new one") == 200
    assert take_back(api) == 200
    assert log_in(JANE, "the owner's new one").status_code == 200


def test_a_change_back_by_hand_leaves_the_thief_no_link(api, jane, change_contact):
    person, token = jane
    token = change_contact(token, email="first@example.net")
    thiefs = [change_contact(token, email=THIEF), link_token("first@example.net")][1]
    token = api.post(LOGIN, {"phone": PHONE, "password": PASSWORD}).json()["token"]
    change_contact(token, email=JANE)
    assert not OtpVerification.objects.filter(purpose="contact_undo", destination=THIEF).exists()
    assert take_back(api, token=thiefs) == 401
    assert person.row.email == JANE


def test_a_reset_drops_the_number_of_whoever_registered(api, sign_up, send_code, reset, log_in):
    """Pre-hijack: the attacker registers her address with a number of his own, and proves neither."""
    person = sign_up(JANE, phone=THIEFS_PHONE)
    flow = send_code(person, "phone")
    code = last_code(THIEFS_PHONE)
    assert reset(JANE, "the owner's new one") == 200
    answer = api.post("/store/customers/otp/verify", {"token": flow, "code": code})
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    api.post("/store/customers/otp/send", {"customer_id": person.id, "type": "phone_verification"})
    assert (person.row.phone, person.row.phone_verified_at) == (None, None)
    assert getattr(person.row.user, "phone", None) in (None, "") or "closed" in person.row.user.phone
    assert reset(THIEFS_PHONE) is None
    assert log_in(JANE, "the owner's new one").status_code == 200


def test_somebody_who_takes_a_lapsed_number_logs_nobody_out(api, verified, sign_up, register, change_contact):
    person, token = verified(JANE, phone=PHONE)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        change_contact(token, email="new@example.com")
        token = api.post(LOGIN, {"email": "new@example.com", "password": PASSWORD}).json()["token"]
        sign_up("other@example.com", phone=PHONE)
        assert person.row.phone is None
        assert api.get(ME, token=token).status_code == 200
        assert take_back(api) == 200


def test_a_staff_account_is_not_closed_by_a_newcomer(api, sign_up):
    person = sign_up(JANE)
    get_user_model().objects.filter(pk=person.row.user.pk).update(is_staff=True)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = api.post(f"{LOGIN}/register", {"email": JANE, "password": STOLEN})
    assert answer.status_code == 401
    assert person.row.email == JANE
    assert person.row.user.check_password(PASSWORD)


def test_logging_out_everywhere_ends_what_is_just_being_minted(api, jane, monkeypatch):
    from customer_registration.flows import sessions

    person, token = jane
    begin, minted = sessions.atomically, []

    def meanwhile(work):
        monkeypatch.setattr(sessions, "atomically", begin)
        body = {"old_password": PASSWORD, "password": STOLEN}
        minted.append(api.post(f"{ME}/password", body, token=token).json()["token"])
        return begin(work)

    monkeypatch.setattr(sessions, "atomically", meanwhile)
    assert api.post(f"{ME}/logout-all", token=token).status_code == 200
    assert api.get(ME, token=minted[0]).status_code == 401
    assert person.row.token_epoch == 2


def test_without_verification_the_old_address_is_told_all_the_same(api, sign_up, change_contact, configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    sign_up(JANE)
    token = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()["token"]
    change_contact(token, email=THIEF)
    from django.core import mail

    assert "changed" in next(message.subject for message in mail.outbox if message.to == [JANE])


def test_without_verification_an_undo_outranks_a_squatter(api, verified, register, change_contact, configure):
    person, token = verified(JANE)
    change_contact(token, email=THIEF)
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    register(JANE, STOLEN)
    assert take_back(api) == 200
    assert person.row.email == JANE
