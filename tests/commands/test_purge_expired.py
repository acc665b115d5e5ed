"""manage.py purge_expired: each kind of row is kept just inside its age and deleted just outside."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.utils import timezone

from customer_registration import tasks
from customer_registration.enums import OutboxState
from customer_registration.flows import housekeeping
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
    SecondFactor,
    SendSlot,
)
from tests.deletion.due import customer_named, purge

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def message(**fields):
    values = {"kind": "password_changed", "channel": "email", "destination": "jane@example.com", **fields}
    return OutboxMessage.objects.create(**values)


def code(**fields):
    values = {"purpose": "email_verification", "channel": "email", "max_attempts": 5, **fields}
    return OtpVerification.objects.create(**values)


def claim(name, expires_at, **fields):
    return customer_named(name, **{"email_verified_at": None, "claim_expires_at": expires_at, **fields})


def asked(name, created_at, status="pending", **fields):
    customer = customer_named(name)
    return AccountDeletionRequest.objects.create(
        customer=customer,
        customer_ref=customer.pk,
        active_customer_id=None if status in ("cancelled", "completed") else customer.pk,
        created_at=created_at,
        status=status,
        reason="They know why.",
        ip="192.0.2.7",
        user_agent="A browser",
        **fields,
    )


def one_of_each_kind(age):
    """Save a row of each kind that is so much older than what is kept."""
    now, name = timezone.now(), f"aged{abs(age.total_seconds()):.0f}{'old' if age > timedelta(0) else 'young'}"
    message(state=OutboxState.SENT, next_attempt_at=now - 30 * DAY - age)
    code(expires_at=now - DAY - age)
    claim(name, now - 7 * DAY - age)
    # The claim of a proven row is cleared away by nobody, so `left` counts the one above alone.
    Customer.objects.create(user=None, email_verified_at=now, claim_expires_at=now - age, shadow_phone="+12025550123")
    SecondFactor.objects.create(customer=customer_named(f"{name}app"), provider="totp", created_at=now - DAY - age)
    AccountEvent.objects.create(kind="customer_created", customer_ref=name, created_at=now - 365 * DAY - age)
    SendSlot.objects.create(key=name, last_sent_at=now - 15 * MINUTE - DAY - age)
    asked(f"{name}leaver", now - DAY - age)
    asked(f"{name}gone", now - 365 * DAY - age, "completed")
    # What came during an erasure goes, and is looked for so long after it.
    erased = asked(f"{name}erased", now, "completed", completed_at=now - DAY + age, scheduled_at=now - DAY)
    code(customer=erased.customer, expires_at=now)


def left():
    """Return how many rows of each kind there are."""
    return {
        "leftovers": OtpVerification.objects.exclude(customer=None).count(),
        "messages": OutboxMessage.objects.count(),
        "codes": OtpVerification.objects.filter(customer=None).count(),
        "claims": Customer.objects.filter(email_verified_at=None).exclude(claim_expires_at=None).count(),
        "shadows": Customer.objects.exclude(shadow_phone=None).count(),
        "factors": SecondFactor.objects.count(),
        "events": AccountEvent.objects.filter(kind="customer_created").count(),
        "slots": SendSlot.objects.count(),
        "unconfirmed": AccountDeletionRequest.objects.filter(status="pending").count(),
        "requests": AccountDeletionRequest.objects.filter(status="completed", scheduled_at=None).count(),
    }


KINDS = ("leftovers", "messages", "codes", "claims", "shadows", "factors", "events", "slots", "unconfirmed", "requests")


def so_many(count):
    """Return the summary of so many rows of each kind."""
    return dict.fromkeys(KINDS, count)


def test_what_is_just_inside_its_age_stays_and_what_is_just_outside_goes():
    with time_machine.travel(timezone.now(), tick=False):
        one_of_each_kind(-SECOND)
        assert housekeeping.purge() == so_many(0)
        one_of_each_kind(SECOND)
        assert housekeeping.purge() == so_many(1)
        assert left() == so_many(1)


def test_the_command_says_how_many_of_each_and_the_task_does_the_same():
    one_of_each_kind(MINUTE)
    said = purge(command="purge_expired")
    assert said.strip() == ", ".join(f"1 {kind}" for kind in KINDS)
    one_of_each_kind(2 * MINUTE)
    tasks.purge_expired()
    assert left() == so_many(0)


@pytest.mark.parametrize("size", ["1", "2", "1000"])
def test_batches_of_any_size_give_the_same(size):
    for number in range(5):
        one_of_each_kind(timedelta(minutes=number + 1))
        one_of_each_kind(-timedelta(minutes=number + 1))
    said = purge("--batch-size", size, command="purge_expired")
    assert said.strip() == ", ".join(f"5 {kind}" for kind in KINDS)
    assert left() == so_many(5)
    assert "0 leftovers, 0 messages, 0 codes, 0 claims" in purge(command="purge_expired")


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_batch_has_at_least_one_row(size):
    with pytest.raises(CommandError, match="is not a whole number of at least 1"):
        purge(f"--batch-size={size}", command="purge_expired")


def test_events_are_kept_as_long_as_the_settings_say(configure):
    configure(RETENTION_DAYS=30)
    for days in (29, 31):
        AccountEvent.objects.create(
            kind="customer_created", customer_ref=str(days), created_at=timezone.now() - days * DAY
        )
    assert housekeeping.purge()["events"] == 1
    assert AccountEvent.objects.get().customer_ref == "29"


@pytest.mark.parametrize(("state", "count"), [("sent", 0), ("failed", 0), ("suppressed", 0), ("queued", 1)])
def test_a_message_that_still_waits_is_never_deleted(state, count):
    message(state=state, next_attempt_at=timezone.now() - 40 * DAY)
    housekeeping.purge()
    assert OutboxMessage.objects.count() == count


def test_the_message_of_a_code_stays_when_the_code_goes():
    old = code(expires_at=timezone.now() - 2 * DAY)
    sent = message(state=OutboxState.SENT, otp=old)
    assert housekeeping.purge()["codes"] == 1
    sent.refresh_from_db()
    assert (sent.otp, sent.destination) == (None, "jane@example.com")


def test_a_slot_outlives_the_longest_throttle_and_every_code(configure):
    configure(PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 10 * 86400})
    for days in (10, 12):
        SendSlot.objects.create(key=str(days), last_sent_at=timezone.now() - days * DAY)
    assert housekeeping.purge()["slots"] == 1
    assert SendSlot.objects.get().key == "10"


def test_a_claim_goes_by_its_end_and_never_by_its_age():
    now = timezone.now()
    old = customer_named("adopted", email_verified_at=None, created_at=now - 400 * DAY)
    fresh = claim("fresh", now + MINUTE, created_at=now - 400 * DAY)
    lapsed = claim("lapsed", now - 8 * DAY, created_at=now)
    assert housekeeping.purge()["claims"] == 1
    assert set(Customer.objects.all()) == {old, fresh}
    assert not get_user_model().objects.filter(pk=lapsed.user_id).exists()


def test_claims_are_kept_as_long_as_the_settings_say(configure):
    configure(REGISTRATION={"PURGE_UNVERIFIED_DAYS": 30})
    now = timezone.now()
    kept = claim("kept", now - 29 * DAY)
    claim("gone", now - 31 * DAY)
    housekeeping.purge()
    assert Customer.objects.get() == kept


def test_without_verification_no_claim_is_cleared_away(configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    claim("lapsed", timezone.now() - 400 * DAY)
    assert housekeeping.purge()["claims"] == 0
    assert Customer.objects.exists()


@pytest.mark.parametrize("proven", ["email_verified_at", "phone_verified_at"])
def test_who_has_proven_a_contact_stays(proven):
    now = timezone.now()
    claim("jane", now - 40 * DAY, phone="+12025550123", **{proven: now})
    assert housekeeping.purge()["claims"] == 0
    assert Customer.objects.get().phone == "+12025550123"


def test_who_is_under_deletion_is_left_to_the_executor():
    now = timezone.now()
    claim("jane", now - 40 * DAY, deletion_scheduled_at=now + DAY)
    assert housekeeping.purge()["claims"] == 0
    assert Customer.objects.get().email == "jane@example.com"


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_stay_and_are_not_looked_at_again(flag):
    customer = claim("boss", timezone.now() - 40 * DAY)
    get_user_model().objects.update(**{flag: True})
    other = claim("other", timezone.now() - 40 * DAY)
    assert housekeeping.purge(batch_size=1)["claims"] == 2
    left = Customer.objects.get()
    assert (left.pk, left.email, left.claim_expires_at) == (customer.pk, "boss@example.com", None)
    assert left.user.is_active
    assert not get_user_model().objects.filter(pk=other.user_id).exists()
    assert housekeeping.purge()["claims"] == 0


def test_with_a_claim_go_its_codes_messages_and_what_events_say():
    customer = claim("jane", timezone.now() - 8 * DAY)
    otp = code(customer=customer, destination="jane@example.com", expires_at=timezone.now() + MINUTE)
    message(customer=customer, otp=otp, state=OutboxState.SENT)
    AccountEvent.objects.create(
        kind="identity_registered", customer=customer, customer_ref=customer.pk, contact="j***@example.com"
    )
    housekeeping.purge()
    assert not Customer.objects.exists()
    assert not OtpVerification.objects.exists()
    assert not OutboxMessage.objects.exists()
    event = AccountEvent.objects.get()
    assert (event.contact, event.customer, event.customer_ref) == ("", None, customer.pk)


def test_a_claim_without_a_user_goes_too():
    customer = claim("shadow", timezone.now() - 8 * DAY)
    user = customer.user
    Customer.objects.update(user=None)
    user.delete()
    assert housekeeping.purge()["claims"] == 1
    assert not Customer.objects.exists()


def test_staff_keep_no_shadow_of_somebody_elses_number():
    customer = claim("boss", timezone.now() - 8 * DAY, shadow_phone="+12025550123")
    get_user_model().objects.filter(pk=customer.user_id).update(is_staff=True)
    housekeeping.purge()
    customer.refresh_from_db()
    assert (customer.shadow_phone, customer.claim_expires_at) == (None, None)


def test_a_wish_to_leave_that_nobody_confirmed_is_cancelled_and_may_be_uttered_again():
    request = asked("jane", timezone.now() - DAY - SECOND)
    assert housekeeping.purge()["unconfirmed"] == 1
    request.refresh_from_db()
    assert (request.status, request.is_open, request.reason) == ("cancelled", False, "")
    assert (request.ip, request.user_agent) == ("", "")
    assert request.cancelled_at is not None
    event = AccountEvent.objects.get(customer=request.customer)
    assert (event.kind, event.customer_ref, event.contact) == ("deletion_cancelled", request.customer_ref, "")
    assert event.detail == {"lapsed": True}
    AccountDeletionRequest.objects.ask(request.customer, now=timezone.now(), reason="Again.")


@pytest.mark.parametrize("status", ["confirmed", "failed"])
def test_a_request_that_was_confirmed_is_never_cancelled(status):
    request = asked("jane", timezone.now() - 40 * DAY, status, scheduled_at=timezone.now() - DAY)
    assert housekeeping.purge()["unconfirmed"] == 0
    request.refresh_from_db()
    assert (request.status, request.is_open) == (status, True)


@pytest.mark.parametrize(("status", "count"), [("cancelled", 0), ("completed", 0), ("confirmed", 1), ("failed", 1)])
def test_a_closed_request_is_kept_as_long_as_events_and_an_open_one_for_ever(status, count, configure):
    configure(RETENTION_DAYS=30)
    asked("young", timezone.now() - 29 * DAY, status)
    asked("jane", timezone.now() - 31 * DAY, status)
    assert housekeeping.purge()["requests"] == 1 - count
    assert AccountDeletionRequest.objects.filter(status=status).count() == 1 + count
    assert Customer.objects.count() == 2
