"""POST /store/customers/contact/undo: the owner of a replaced contact takes it back."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification
from example_project.inbox.models import InboxMessage
from tests.conftest import PASSWORD, last_code, link_token, messages_to

UNDO, ME, CONTACT = "/store/customers/contact/undo", "/store/customers/me", "/store/customers/me/contact"
LOGIN, REFRESH = "/auth/customer/emailpass", "/auth/token/refresh"
OLD, NEW, NEWER = "jane@example.com", "thief@example.com", "second@example.com"
NEW_PASSWORD = "a new password entirely"
INVALID_TOKEN = {"type": "unauthorized", "message": "Invalid token"}
GUARD = {"message": "Unauthorized"}

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def replaced(verified, change_contact):
    """Jane, whose address was replaced: the person, the session that did it, and the undo link's token."""
    person, token = verified()
    thief = change_contact(token, email=NEW)
    return person, thief, link_token(OLD)


def undo(api, link):
    return api.post(UNDO, {"token": link})


def test_undo_restores_the_contact_and_when_it_was_proven(api, verified, change_contact):
    person, token = verified()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        token = api.post(LOGIN, {"email": OLD, "password": PASSWORD}).json()["token"]
        before = person.row
        change_contact(token, email=NEW)
        answer = undo(api, link_token(OLD))
        customer = person.row
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (customer.email, customer.email_verified_at) == (OLD, before.email_verified_at)
    assert customer.user.email == OLD
    if get_user_model().USERNAME_FIELD == "email":
        assert customer.user.get_username() == OLD


def test_undo_restores_a_number(api, verified, prove, change_contact):
    person, token = verified(phone="+12025550123")
    prove(person, "phone")
    proven_at = person.row.phone_verified_at
    change_contact(token, phone="+14155552671")
    assert undo(api, link_token(OLD)).json() == {"success": True}
    assert (person.row.phone, person.row.phone_verified_at) == ("+12025550123", proven_at)
    assert getattr(person.row.user, "phone", "+12025550123") == "+12025550123"
    assert person.row.email == OLD


def test_undo_ends_every_session_and_the_old_contact_logs_in(api, replaced):
    person, thief, link = replaced
    device = api.another()
    device.post("/auth/session", token=thief)
    assert device.get(ME).status_code == 200
    epoch = person.row.token_epoch
    undo(api, link)
    assert person.row.token_epoch > epoch
    assert device.get(ME).json() == GUARD
    for token in (thief, person.token):
        assert api.get(ME, token=token).json() == GUARD
        assert api.post(REFRESH, token=token).json() == GUARD
    assert api.post(LOGIN, {"email": NEW, "password": PASSWORD}).status_code == 401
    assert api.post(LOGIN, {"email": OLD, "password": PASSWORD}).status_code == 200


def test_undo_works_once(api, replaced):
    _, _, link = replaced
    undo(api, link)
    before = Customer.objects.values().get()
    answer = undo(api, link)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert Customer.objects.values().get() == before


@pytest.mark.parametrize("days", [7, 2])
@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_undo_works_for_so_many_days(api, configure, verified, change_contact, days, seconds, status):
    configure(**({} if days == 7 else {"CONTACT_CHANGE": {"UNDO_DAYS": days}}))
    _, token = verified()
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        change_contact(token, email=NEW)
        traveller.shift(timedelta(days=days, seconds=seconds))
        assert undo(api, link_token(OLD)).status_code == status


def test_undo_kills_every_code(api, replaced, reset_link, configure):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    person, thief, link = replaced
    reset = reset_link(NEW)
    flow = api.post(CONTACT, {"email": NEWER}, token=thief).json()["token"]
    code = last_code(NEWER)
    undo(api, link)
    assert api.post(f"{LOGIN}/update", {"password": NEW_PASSWORD}, token=reset).json() == INVALID_TOKEN
    token = api.post(LOGIN, {"email": OLD, "password": PASSWORD}).json()["token"]
    answer = api.post(f"{CONTACT}/verify", {"token": flow, "code": code}, token=token)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")
    assert person.row.email == OLD


@pytest.fixture
def twice(replaced, change_contact, configure):
    """The address was replaced twice: the person, the first link and the second."""
    person, thief, first = replaced
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    change_contact(thief, email=NEWER)
    return person, first, link_token(NEW)


def test_undo_survives_later_changes_and_ends_their_links(api, twice):
    person, first, second = twice
    assert undo(api, first).status_code == 200
    assert person.row.email == OLD
    assert undo(api, second).json() == INVALID_TOKEN
    assert person.row.email == OLD


def test_undo_of_a_later_change_leaves_the_earlier_link(api, twice):
    """Else a thief who changes the address twice could undo the second change to take the owner's link away."""
    person, first, second = twice
    assert undo(api, second).status_code == 200
    assert person.row.email == NEW
    assert undo(api, first).status_code == 200
    assert person.row.email == OLD


def test_undo_survives_a_change_back_to_the_same_address(api, twice, change_contact):
    person, first, _ = twice
    token = api.post(LOGIN, {"email": NEWER, "password": PASSWORD}).json()["token"]
    change_contact(token, email=OLD)
    assert undo(api, first).status_code == 200
    assert person.row.email == OLD


@pytest.mark.parametrize("deed", ["password change", "reset", "logout-all", "set_password", "phone change"])
def test_undo_survives_what_a_thief_may_do(api, replaced, reset_link, change_contact, deed):
    person, thief, link = replaced
    if deed == "password change":
        body = {"old_password": PASSWORD, "password": NEW_PASSWORD}
        assert api.post(f"{ME}/password", body, token=thief).status_code == 200
    elif deed == "reset":
        assert api.post(f"{LOGIN}/update", {"password": NEW_PASSWORD}, token=reset_link(NEW)).status_code == 200
    elif deed == "logout-all":
        assert api.post(f"{ME}/logout-all", token=thief).status_code == 200
    elif deed == "phone change":
        change_contact(thief, phone="+14155552671")
    else:
        user = person.row.user
        user.set_password(NEW_PASSWORD)
        user.save()
    assert undo(api, link).json() == {"success": True}
    assert person.row.email == OLD


@pytest.mark.parametrize("status", ["pending", "confirmed"])
def test_undo_cancels_a_deletion(api, replaced, status):
    person, _, link = replaced
    due = timezone.now() + timedelta(days=7)
    request = AccountDeletionRequest.objects.create(
        customer=person.row, customer_ref=person.id, status=status, scheduled_at=due, active_customer_id=person.id
    )
    if status == "confirmed":
        Customer.objects.update(deletion_scheduled_at=due)
    assert undo(api, link).status_code == 200
    request.refresh_from_db()
    assert (request.status, request.active_customer_id) == ("cancelled", None)
    assert request.cancelled_at is not None
    assert person.row.deletion_scheduled_at is None
    assert api.post(LOGIN, {"email": OLD, "password": PASSWORD}).status_code == 200


def test_undo_leaves_the_deletions_of_others_and_of_the_past(api, replaced, verified):
    person, _, link = replaced
    other, _ = verified("other@example.com")
    past = AccountDeletionRequest.objects.create(customer_ref=person.id, status="failed")
    theirs = AccountDeletionRequest.objects.create(
        customer_ref=other.id, status="confirmed", active_customer_id=other.id
    )
    assert undo(api, link).status_code == 200
    past.refresh_from_db()
    theirs.refresh_from_db()
    assert (past.status, theirs.status) == ("failed", "confirmed")


def test_undo_tells_the_replaced_contact(api, replaced):
    _, _, link = replaced
    before = len(messages_to(NEW))
    undo(api, link)
    assert len(messages_to(NEW)) == before + 1
    text = messages_to(NEW)[0]
    assert "undid the change" in text
    assert OLD not in text
    assert "token=" not in text


def test_undo_is_for_anybody_with_the_link(api, replaced):
    _, _, link = replaced
    answer = api.post(UNDO, {"token": link}, token="junk")
    assert answer.json() == {"success": True}


def test_a_bad_link_is_invalid(api, replaced, verified, change_contact):
    person, thief, link = replaced
    row, _, proof = link.partition(".")
    _, others = verified("other@example.com")
    change_contact(others, email="elsewhere@example.com")
    foreign = link_token("other@example.com").partition(".")[0]
    bad = ["", "junk", row, f"{row}.", f".{proof}", f"{foreign}.{proof}", f"{row}.{proof[:-1]}", f"{row}.{proof}0"]
    for token in [*bad, thief, f"{row}.{'0' * len(proof)}", "é.é", "a.b.c"]:
        answer = undo(api, token)
        assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN), token
    assert person.row.email == NEW


def test_the_link_of_another_purpose_is_invalid(api, register):
    api.post("/auth/verification/request", {"entity_id": OLD, "entity_type": "email"}, token=register())
    assert undo(api, link_token(OLD)).json() == INVALID_TOKEN
    assert OtpVerification.objects.get().consumed_at is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Field 'token' is required"),
        ({"token": None}, "Expected type: 'string' for field 'token', got: 'null'"),
        ({"token": "x", "email": OLD}, "Unrecognized fields: 'email'"),
    ],
)
def test_a_bad_body_says_why(api, body, message):
    answer = api.post(UNDO, body)
    assert (answer.status_code, answer.json()["message"]) == (400, f"Invalid request: {message}")


def test_d1_a_deactivated_account_stays_as_it_is(api, replaced):
    person, _, link = replaced
    get_user_model().objects.update(is_active=False)
    assert undo(api, link).json() == INVALID_TOKEN
    assert person.row.email == NEW


def test_from_nothing_there_is_nothing_to_take_back(verified, change_contact):
    _, token = verified()
    change_contact(token, phone="+14155552671")
    assert all(row.is_decoy for row in OtpVerification.objects.filter(purpose="contact_undo"))
    assert "token=" not in "".join(InboxMessage.objects.values_list("text", flat=True)) + messages_to(OLD)[0]
