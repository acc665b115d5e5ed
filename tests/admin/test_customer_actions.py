"""What support staff do for a customer: asked first, permitted, audited; what is sent is the customer's alone.

Permissions: `tests/security/test_staff_attacks.py` holds every action to its own.
"""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from customer_registration.exceptions import (
    AccountInactive,
    AlreadyVerified,
    ChannelUnavailable,
    LimiterUnavailable,
    StaffAccount,
)
from customer_registration.flows import challenges, unlocking
from customer_registration.flows.support import desk
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage, SecondFactor, SendSlot
from customer_registration.ratelimits import GuessBudget
from tests.admin.conftest import said
from tests.admin.support import ALL, PHONE, Support, customer
from tests.conftest import PASSWORD, last_code, messages_to

EMAIL = "jane@example.com"


@pytest.fixture
def clerk(api):
    """Hire somebody who may do all of it, and sees masked contacts."""
    return Support(api.commit, *(f"{verb}_customer" for verb in ALL))


def unproven(**fields):
    """Store a customer whose e-mail waits for its proof."""
    return customer(**{"email": EMAIL, "email_verified_at": None, **fields})


def audited(kind, clerk, row):
    """Whether the audit trail and the admin's log say who did it, once."""
    [event] = AccountEvent.objects.filter(kind=kind, customer_ref=row.pk)
    [entry] = LogEntry.objects.filter(object_id=row.pk)
    return event.detail == {"by": str(clerk.user.pk)} and entry.user == clerk.user and bool(entry.change_message)


def test_a_code_that_is_under_way_is_sent_once_more_and_still_opens_its_page(clerk, api, sign_up, send_code):
    person = sign_up(EMAIL)
    flow = send_code(person)
    code, row = last_code(EMAIL), OtpVerification.objects.get()
    SendSlot.objects.update(last_sent_at=timezone.now() - timedelta(hours=1))
    Customer.objects.update(language="de")
    done = clerk.do("send_code", person.row)
    assert said(done) == [("success", f"The confirmation is on its way: {person.id}")]
    assert [message.otp_id for message in OutboxMessage.objects.filter(kind=row.purpose)] == [row.pk, row.pk]
    assert OutboxMessage.objects.latest("pk").language == "de"
    assert len(messages_to(EMAIL)) == 2
    assert code in messages_to(EMAIL)[0]
    assert code not in done.content.decode()
    assert audited("code_sent_by_staff", clerk, person.row)
    assert api.post("/store/customers/otp/verify", {"token": flow, "code": code}).status_code == 200


@pytest.mark.parametrize("stale", [None, {"attempts": 5}, {"expires_at": timezone.now()}, {"destination": "x@y.com"}])
def test_without_one_a_link_is_sent_which_needs_no_page(clerk, stale):
    row = unproven()
    if stale is not None:
        fields = {"destination": EMAIL, "expires_at": timezone.now() + timedelta(minutes=5), "max_attempts": 5, **stale}
        OtpVerification.objects.create(purpose="email_verification", channel="email", customer=row, **fields)
    clerk.do("send_code", row)
    newest = OtpVerification.objects.latest("pk")
    assert (newest.purpose, newest.destination) == ("email_verification_link", EMAIL)
    assert newest.link_value() in messages_to(EMAIL)[0]
    assert audited("code_sent_by_staff", clerk, row)


def test_a_shop_without_links_sends_a_code(clerk, configure):
    configure(STOREFRONT_URL=None)
    clerk.do("send_code", unproven())
    assert OtpVerification.objects.get().purpose == "email_verification"


def test_the_phone_has_its_turn_once_the_address_is_proven(clerk):
    clerk.do("send_code", customer(email=EMAIL, phone=PHONE))
    assert OtpVerification.objects.get().destination == PHONE
    assert len(messages_to(PHONE)) == 1


@pytest.mark.parametrize("action", ["send_code", "send_reset"])
def test_the_throttle_and_the_limits_hold_at_the_desk_too(clerk, action, configure):
    row = unproven()
    clerk.do(action, row)
    [(level, text)] = said(clerk.do(action, row))
    assert level == "warning"
    assert re.match(r"Not sent, the next message can go out in \d+ seconds:", text)
    for _ in range(5):
        SendSlot.objects.all().delete()
        told = said(clerk.do(action, row))
    assert re.match(r"Not sent, the next message can go out in \d+ minutes:", told[0][1])
    assert OutboxMessage.objects.count() == AccountEvent.objects.count() == LogEntry.objects.count() == 5


def test_a_reset_goes_to_the_proven_contact_and_sets_nothing_by_itself(clerk, api):
    row = customer(email="new@example.com", email_verified_at=None, phone=PHONE, phone_verified_at=timezone.now())
    clerk.do("send_reset", row)
    assert OtpVerification.objects.count() == 0  # the shop logs in by e-mail alone, and that one is proven by nobody
    row = customer("john", email=EMAIL)
    told = said(clerk.do("send_reset", row))
    assert told == [("success", f"The link is on its way: {row.pk}")]
    sent = OtpVerification.objects.get()
    assert (sent.purpose, sent.destination, sent.payload) == ("password_reset", EMAIL, {"provider": "emailpass"})
    assert "token=" in messages_to(EMAIL)[0]
    row.refresh_from_db()
    assert row.user.check_password(PASSWORD)
    assert row.token_epoch == 0
    assert audited("reset_sent_by_staff", clerk, row)


def test_sessions_end_and_nothing_else(clerk, api, verified):
    person, token = verified(EMAIL)
    assert said(clerk.do("end_sessions", person.row)) == [("success", f"Logged out everywhere: {person.id}")]
    assert api.get("/store/customers/me", token=token).status_code == 401
    assert audited("sessions_ended", clerk, person.row)
    assert api.post("/auth/customer/emailpass", {"email": EMAIL, "password": PASSWORD}).status_code == 200


def test_unlocking_gives_the_guesses_back_and_the_page_says_so(clerk):
    row = unproven()
    assert not unlocking.is_locked(row)
    budget = GuessBudget("verification", challenges.person_of(EMAIL, row.pk))
    for _ in range(10):
        budget.spend()
    assert unlocking.is_locked(row)
    assert "Locked: wrong codes" in clerk.page(row).content.decode()
    clerk.do("unlock", row)
    assert "Not locked" in clerk.page(row).content.decode()
    assert audited("customer_unlocked", clerk, row)


def test_without_the_limiters_store_it_says_so(clerk, monkeypatch):
    def down(*args, **options):
        raise LimiterUnavailable

    row = unproven()
    monkeypatch.setattr("customer_registration.ratelimits.engine.Counter.count", down)
    assert "the store of the rate limits is down" in clerk.page(row).content.decode()
    monkeypatch.setattr(unlocking.GuessBudget, "clear", down)
    monkeypatch.setattr("customer_registration.ratelimits.engine.Counter.hit", down)
    for action in ("unlock", "send_code", "send_reset"):
        assert said(clerk.do(action, row))[0][1].startswith("Not done, the store of the rate limits is down")
    assert not AccountEvent.objects.exists()
    assert not LogEntry.objects.exists()


STAFF = "Left alone, it is the account of somebody on the staff"
INACTIVE = "Left alone, the account is deactivated, closed or erased"
VERIFIED = "Left alone, no contact waits to be confirmed"


@pytest.mark.parametrize(
    ("fields", "actions", "answer", "error"),
    [
        ({"email_verified_at": None, "is_staff": True}, ("send_code", "send_reset"), STAFF, StaffAccount),
        ({"is_staff": True}, ("end_sessions", "unlock"), STAFF, StaffAccount),
        ({"email_verified_at": None, "is_active": False}, ("send_code", "send_reset"), INACTIVE, AccountInactive),
        ({"user": None, "email_verified_at": None}, ("send_code", "send_reset"), INACTIVE, AccountInactive),
        ({}, ("send_code",), VERIFIED, AlreadyVerified),
        ({"email": None}, ("send_reset",), "Left alone, no message can be sent", ChannelUnavailable),
    ],
)
def test_what_cannot_be_done_is_answered_honestly(clerk, fields, actions, answer, error):
    row = customer(**{"email": EMAIL, **fields})
    page = clerk.page(row)
    for action in actions:
        [(level, text)] = said(clerk.do(action, row))
        assert (level, text[: len(answer)]) == ("warning", answer)
        offered = {button.deed.name for button in page.context["buttons"]}
        assert action not in offered or error is ChannelUnavailable
        flow = {"send_reset": desk.start_reset}.get(action) or getattr(desk, action)
        with pytest.raises(error):
            flow(row, by=clerk.user)
    assert not OutboxMessage.objects.exists()
    assert not AccountEvent.objects.exists()
    assert not LogEntry.objects.exists()


def test_where_accounts_are_concealed_nobody_is_told_that_a_decoy_is_on_its_way(clerk, configure):
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    row = unproven(claim_expires_at=timezone.now() - timedelta(minutes=1))
    for action, answer in (("send_code", VERIFIED), ("send_reset", "Left alone, no message can be sent")):
        assert said(clerk.do(action, row))[0][1].startswith(answer)
    assert not OutboxMessage.objects.exists()


def test_a_lost_factor_is_taken_away_from_the_customers_page(api):
    row = customer(email=EMAIL, has_second_factor=True)
    factor = SecondFactor.objects.create(customer=row, provider="totp", status="enabled", enabled_key="x")
    names = ("view_customer", "view_secondfactor", "remove_secondfactor")
    clerk = Support(api.commit, *names)
    assert f'id="remove_lost_{factor.pk}"' in clerk.page(row).content.decode()
    answer = clerk.client.post(
        reverse("admin:customer_registration_secondfactor_changelist"),
        {"action": "remove_lost", "_selected_action": factor.pk, "confirmed": "yes", "back_to": "customer"},
    )
    assert answer.url == reverse("admin:customer_registration_customer_change", args=[row.pk])
    row.refresh_from_db()
    assert not row.has_second_factor
    assert AccountEvent.objects.get(kind="factor_removed").detail["by"] == str(clerk.user.pk)
