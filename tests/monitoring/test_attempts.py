"""Signal message_attempted, and the line in the log: what came of each try to deliver a message."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration import messaging
from customer_registration.messaging import attempts
from customer_registration.messaging.backends.base import BaseBackend, DeliveryError
from customer_registration.models import OtpVerification, OutboxMessage
from customer_registration.signals import message_attempted

LOCMEM = "customer_registration.messaging.backends.locmem.SMSBackend"
FAILING, REFUSING = (f"tests.monitoring.test_attempts.{name}" for name in ("Failing", "Refusing"))
BY_TEXT = {"kind": "phone_verification", "channel": "sms"}


class Failing(BaseBackend):
    """A provider that is down."""

    def send(self, message):
        raise OSError(f"nobody answers for {message.destination}")


class Refusing(BaseBackend):
    """A provider that does not want the number."""

    def send(self, message):
        raise DeliveryError("no", permanent=True)


@pytest.fixture
def heard(hear):
    return hear(message_attempted)


def without_seconds(heard):
    return [{name: value for name, value in each.items() if name != "seconds"} for each in heard]


def deliver_twice(row):
    """Deliver a row now, and again when its next try is due."""
    messaging.deliver(row.pk)
    row.refresh_from_db()
    with time_machine.travel(row.next_attempt_at + timedelta(seconds=1), tick=False):
        messaging.deliver(row.pk)


@pytest.mark.parametrize(
    ("backends", "outcomes"),
    [
        ([LOCMEM], [("delivered", LOCMEM)]),
        ([FAILING], [("failed", FAILING), ("failed", FAILING)]),
        ([REFUSING], [("given_up", REFUSING)]),
        ([REFUSING, LOCMEM], [("failed", REFUSING), ("delivered", LOCMEM)]),
        ([], [("failed", ""), ("failed", "")]),
    ],
)
def test_every_try_is_told_with_its_backend(queued_text, configure, heard, backends, outcomes):
    configure(CHANNELS={"sms": backends})
    deliver_twice(queued_text)
    expected = [{"message_id": queued_text.pk, **BY_TEXT, "outcome": how, "backend": by} for how, by in outcomes]
    assert without_seconds(heard) == expected
    assert all(0 <= each["seconds"] < 5 for each in heard)


def test_a_sweep_tells_as_well(queued_text, through, heard):
    through("locmem")
    assert messaging.deliver_due() == 1
    assert [each["outcome"] for each in heard] == ["delivered"]


def test_what_the_guard_holds_back_asked_no_backend(queued_text, configure, heard):
    configure(SMS_GUARD={"COUNTRIES": ["CA"]})
    messaging.deliver(queued_text.pk)
    told = {"message_id": queued_text.pk, **BY_TEXT, "backend": "", "outcome": "held_back", "seconds": None}
    assert heard == [told]


def test_a_code_that_has_expired_comes_too_late(queued_text, heard, caplog):
    caplog.set_level(logging.INFO)
    OtpVerification.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    messaging.deliver(queued_text.pk)
    assert [(each["outcome"], each["seconds"]) for each in heard] == [("too_late", None)]
    assert f"Message {queued_text.pk} came too late" in caplog.messages


def test_a_receiver_that_fails_loses_no_message(queued_text, through):
    def fail(**arguments):
        raise ZeroDivisionError

    through("locmem")
    message_attempted.connect(fail)
    try:
        assert messaging.deliver(queued_text.pk)
    finally:
        message_attempted.disconnect(fail)
    assert OutboxMessage.objects.get().state == "sent"


def test_the_log_names_the_error_and_nobody(queued_text, configure, caplog):
    configure(CHANNELS={"sms": [FAILING]})
    deliver_twice(queued_text)
    records = [record for record in caplog.records if record.name == "customer_registration.messaging.delivery"]
    assert [record.event for record in records] == ["message_failed"] * 2
    assert [record.tries for record in records] == [1, 2]
    assert {(record.error, record.backend, record.customer_id) for record in records} == {
        ("OSError", FAILING, queued_text.customer_id)
    }
    assert not [record for record in records if "2025550123" in repr(vars(record))]


def test_every_outcome_has_a_text():
    assert set(attempts.TEXTS) == {"delivered", "failed", "given_up", "held_back", "too_late"}
