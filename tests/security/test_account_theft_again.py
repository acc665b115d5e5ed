"""Thieves who have read how an undo works. Each story was a way in, or a link lost, once."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone

from customer_registration.exceptions import InvalidToken
from customer_registration.flows import passwords
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from tests.conftest import PASSWORD, last_code, link_token, messages_to, new_user
from tests.security.theft import JANE, LOGIN, ME, PHONE, STOLEN, THIEF, THIEFS_PHONE, UNDO, take_back

OTHER, OTHER_PHONE, THIRD_PHONE = "thief2@example.net", "+12025550177", "+12025550178"

pytestmark = [pytest.mark.life_cycle, pytest.mark.usefixtures("both_log_in")]


@pytest.fixture
def bearer(log_in):
    return lambda name, password=PASSWORD: log_in(name, password).json()["token"]


def test_an_undo_of_the_thiefs_own_account_touches_no_other(api, verified, prove, change_contact):
    mine, token = verified(THIEF, phone=THIEFS_PHONE)
    token = change_contact(prove(mine, "phone")["token"], phone=OTHER_PHONE)
    own_link = link_token(THIEF)
    change_contact(token, email=OTHER)
    jane, token = verified(JANE)
    change_contact(token, email=THIEF)
    hers = link_token(JANE)
    assert take_back(api, token=own_link) == 200
    assert (mine.row.email, mine.row.phone) == (None, THIEFS_PHONE)  # the address is Jane's at the moment
    assert take_back(api, token=hers) == 200
    assert jane.row.email == JANE


def test_a_password_reset_through_an_address_that_has_been_left_goes(api, jane, change_contact, reset, log_in, bearer):
    change_contact(jane[1], email=THIEF)
    first = link_token(JANE)
    assert reset(THIEF) == 200
    change_contact(bearer(THIEF, STOLEN), email=OTHER)
    assert take_back(api, token=first) == 200
    assert log_in(JANE, STOLEN).status_code == 401


def test_a_password_reset_through_a_number_that_was_added_goes(api, verified, change_contact, reset, log_in, bearer):
    person, token = verified(JANE)
    change_contact(token, phone=THIEFS_PHONE)
    assert reset(THIEFS_PHONE) == 200
    change_contact(bearer(THIEFS_PHONE, STOLEN), email=THIEF)
    assert take_back(api) == 200
    assert (person.row.email, person.row.phone) == (JANE, None)
    assert log_in(JANE, STOLEN).status_code == 401
    assert mail.outbox[-1].to == [JANE] or mail.outbox[-2].to == [JANE]
    assert "Your password was changed" in [message.subject for message in mail.outbox if message.to == [JANE]]


def test_a_password_goes_when_the_key_has_been_rotated_since(api, jane, change_contact, reset, log_in, settings):
    change_contact(jane[1], email=THIEF)
    assert reset(THIEF) == 200
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 60
    assert take_back(api) == 200
    assert log_in(JANE, STOLEN).status_code == 401


def test_a_number_that_was_added_and_changed_is_no_way_back(api, verified, change_contact):
    person, token = verified(JANE)
    token = change_contact(token, phone=THIEFS_PHONE)
    token = change_contact(token, phone=OTHER_PHONE)
    change_contact(token, email=THIEF)
    assert take_back(api) == 200
    assert (person.row.email, person.row.phone) == (JANE, None)


def test_an_address_that_was_added_and_changed_is_not_told_in_the_owners_place(verified, change_contact, bearer):
    _, token = verified(JANE)
    change_contact(token, phone=PHONE)
    long_ago = timezone.now() - timedelta(days=30)  # somebody with a phone alone
    Customer.objects.update(email=None, email_verified_at=None, token_epoch=0, phone_verified_at=long_ago)
    OtpVerification.objects.all().delete()
    token = change_contact(bearer(PHONE), email=THIEF)
    token = change_contact(token, email=OTHER)
    heard = len(messages_to(PHONE))
    change_contact(token, phone=OTHER_PHONE)
    assert len(messages_to(PHONE)) == heard + 1
    assert "token=" in messages_to(PHONE)[0]


def test_a_number_that_is_changed_back_kills_no_link_to_the_address(api, verified, change_contact, bearer):
    _, token = verified(JANE)
    start = timezone.now()
    for phone in (THIEFS_PHONE, OTHER_PHONE, THIRD_PHONE):
        token = change_contact(token, phone=phone)
    with time_machine.travel(start + timedelta(days=6, hours=23)):
        token = change_contact(bearer(THIRD_PHONE), email=THIEF)
        hers = link_token(JANE)
        change_contact(token, phone=OTHER_PHONE)
        assert take_back(api, token=hers) == 200


def test_a_settled_number_that_is_changed_back_kills_none_either(api, verified, change_contact, bearer):
    _, token = verified(JANE)
    start = timezone.now()
    change_contact(token, phone=THIEFS_PHONE)
    with time_machine.travel(start + timedelta(days=8)):
        change_contact(bearer(JANE), phone=OTHER_PHONE)
    with time_machine.travel(start + timedelta(days=14, hours=23)):
        token = change_contact(bearer(OTHER_PHONE), email=THIEF)
        hers = link_token(JANE)
        change_contact(token, phone=THIEFS_PHONE)
    with time_machine.travel(start + timedelta(days=15, hours=1)):
        assert take_back(api, token=hers) == 200


def test_a_number_proven_while_the_owner_resets_is_dropped_whole(api, sign_up, send_code, monkeypatch):
    person = sign_up(JANE, phone=THIEFS_PHONE)
    proof = {"token": send_code(person, "phone"), "code": last_code(THIEFS_PHONE)}
    api.post(f"{LOGIN}/reset-password", {"identifier": JANE})
    validate = passwords.validate

    def meanwhile(*arguments):
        monkeypatch.setattr(passwords, "validate", validate)
        assert api.post("/store/customers/otp/verify", proof).status_code == 200
        validate(*arguments)

    monkeypatch.setattr(passwords, "validate", meanwhile)
    update = {"password": "owner's new one"}
    assert api.post(f"{LOGIN}/update", update, token=link_token(JANE)).status_code == 200
    assert (person.row.phone, person.row.phone_verified_at) == (None, None)
    assert AccountEvent.objects.filter(kind="claim_lapsed", contact="+12*****0199").exists()


def test_without_verification_a_reset_drops_nothing(sign_up, configure, reset, log_in):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    person = sign_up(JANE, phone=PHONE)
    assert reset(JANE, "owner's new one") == 200
    assert person.row.phone == PHONE
    assert log_in(PHONE, "owner's new one").status_code == 200


def test_requests_that_lose_do_not_use_the_notices_up(api, jane, configure, monkeypatch):
    configure(RATE_LIMITS={"RULES": {"password_reset": "5/h/key,10/d/key,20/h/ip"}})
    body, save = {"old_password": PASSWORD, "password": STOLEN}, passwords.save_new

    def lose(*_, **__):
        raise InvalidToken

    monkeypatch.setattr(passwords, "save_new", lose)
    assert [api.post(f"{ME}/password", body, token=jane[1]).status_code for _ in range(5)] == [401] * 5
    monkeypatch.setattr(passwords, "save_new", save)
    assert api.post(f"{ME}/password", body, token=jane[1]).status_code == 200
    assert mail.outbox[-1].subject == "Your password was changed"


def test_an_unproven_number_stays_and_hears_nothing(api, verified, change_contact):
    person, token = verified(JANE, phone=PHONE)
    change_contact(token, email=THIEF)
    assert take_back(api) == 200
    assert person.row.phone == PHONE
    assert messages_to(PHONE) == []


def test_a_user_of_the_projects_own_with_the_address_does_not_stop_an_undo_of_the_number(api, jane, change_contact):
    person, token = jane
    token = change_contact(token, phone=THIEFS_PHONE)
    link = link_token(JANE)
    change_contact(token, email=THIEF)
    name = {"phone": "+12025550111", "email": JANE}.get(get_user_model().USERNAME_FIELD, "boss")
    new_user(name, JANE, is_staff=True)
    assert api.post(UNDO, {"token": link}).status_code == 200
    assert person.row.phone == PHONE


@pytest.mark.parametrize(
    ("storefront", "base"),
    [
        ("https://straße.example", "https://xn--strae-oqa.example/"),
        ("https://ŁÓDŹ.example:8443/shop/", "https://xn--d-uga0v4h.example:8443/shop/"),
        ("https://[::1]:8443/shop/", "https://[::1]:8443/shop/"),
        ("https://xn--strae-oqa.example/xn--strae-oqa.example", "https://xn--strae-oqa.example/xn--strae-oqa.example/"),
    ],
)
def test_a_link_leads_to_the_storefront_and_to_nobody_else(api, verified, configure, storefront, base):
    verified(JANE)
    configure(STOREFRONT_URL=storefront)
    api.post(f"{LOGIN}/reset-password", {"identifier": JANE})
    assert f"{base}reset-password?token=" in messages_to(JANE)[0]


def test_a_storefront_that_is_no_address_fails_the_message_and_nothing_else(api, verified, configure):
    verified(JANE)
    configure(STOREFRONT_URL="https://[::1/shop")
    assert api.post(f"{LOGIN}/reset-password", {"identifier": JANE}).status_code == 201
    message = OutboxMessage.objects.latest("pk")
    assert (message.state, message.last_error) == ("queued", "ValueError: The message could not be made.")


def test_a_customer_read_in_part_is_saved_in_part(verified, counted):
    person, _ = verified(JANE)
    row = Customer.objects.only("first_name").get(pk=person.id)
    row.first_name = "Jane"
    with counted() as queries:
        row.save()
    assert len(queries.statements) == 1
    assert person.row.email_verified_at is not None


def test_a_contact_written_over_a_newer_one_is_not_proven(verified):
    person, _ = verified(JANE)
    row = Customer.objects.get(pk=person.id)
    Customer.objects.update(email="b@example.com", email_verified_at=timezone.now())
    row.email = "c@example.com"
    row.save()
    assert person.row.email_verified_at is None


def test_a_contact_read_anew_keeps_its_proof(verified):
    person, _ = verified(JANE)
    row = person.row
    Customer.objects.update(email="b@example.com")
    row.refresh_from_db()
    row.save()
    assert person.row.email_verified_at is not None
