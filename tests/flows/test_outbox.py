"""The outbox: queue, deliver, retry, fall back; a real SMTP server on loopback."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration import messaging
from customer_registration.messaging.backends.base import BaseBackend, DeliveryError
from customer_registration.models import OtpVerification, OutboxMessage
from customer_registration.signals import message_queued
from tests.conftest import last_code

pytestmark = pytest.mark.life_cycle
HERE = "tests.flows.test_outbox"


class Recorder(BaseBackend):
    """Keeps what it is given."""

    sent: list = []

    def send(self, message):
        self.sent.append(message)


class Failing(BaseBackend):
    """A provider that is down."""

    calls = 0

    def send(self, message):
        type(self).calls += 1
        raise ConnectionRefusedError("the provider is down")


class Chatty(BaseBackend):
    """A mail server that repeats the address."""

    def send(self, message):
        raise DeliveryError(f"550 no such user <{message.destination}>")


class Busy(BaseBackend):
    """A provider that says how long it wants to be left alone."""

    retry_after = 0

    def send(self, message):
        raise DeliveryError("status 429", retry_after=self.retry_after)


class Unbuildable(BaseBackend):
    """A provider whose key is missing."""

    def __init__(self):
        raise KeyError("API_KEY")

    def send(self, message):
        """Never reached."""


class Refusing(BaseBackend):
    """A provider that will not have this message."""

    def send(self, message):
        raise DeliveryError("unknown template", permanent=True)


@pytest.fixture(autouse=True)
def forget():
    Recorder.sent.clear()
    Failing.calls = 0


def at(seconds):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def test_a_message_holds_no_code_and_derives_it_when_sent(queued):
    assert queued.state == "queued"
    assert queued.context == {}
    assert messaging.deliver(queued.pk) is True
    queued.refresh_from_db()
    assert (queued.state, queued.tries, queued.last_error) == ("sent", 1, "")
    assert queued.sent_at is not None
    assert last_code("jane@example.com") == queued.otp.code()


def test_a_message_is_delivered_once(queued):
    assert [messaging.deliver(queued.pk) for _ in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_an_unknown_or_suppressed_message_is_nothing_to_do(queued):
    OutboxMessage.objects.update(state="suppressed", destination="")
    assert messaging.deliver(queued.pk) is False
    assert messaging.deliver(987654) is False
    assert messaging.deliver_due() == 0


def test_a_failing_provider_is_asked_again_with_back_off_then_the_next_one(queued, configure):
    configure(CHANNELS={"email": [f"{HERE}.Failing", f"{HERE}.Recorder"]}, OTP={"EXPIRY_MINUTES": 30})
    OtpVerification.objects.update(expires_at=timezone.now() + timedelta(minutes=30))
    assert messaging.deliver(queued.pk) is False
    queued.refresh_from_db()
    assert queued.last_error == "ConnectionRefusedError: the provider is down"
    assert queued.state == "queued"
    waits = []
    for _ in range(2):
        queued.refresh_from_db()
        waits.append(round((queued.next_attempt_at - timezone.now()).total_seconds()))
        assert messaging.deliver(queued.pk) is False  # too early: nobody is asked
        OutboxMessage.objects.update(next_attempt_at=timezone.now())
        messaging.deliver(queued.pk)
    assert waits == [5, 30]
    assert Failing.calls == 3
    with at(121):
        assert messaging.deliver_due() == 1
    queued.refresh_from_db()
    assert (queued.state, queued.tries, queued.last_error) == ("sent", 4, "")
    assert [message.destination for message in Recorder.sent] == ["jane@example.com"]


def test_a_permanent_refusal_goes_to_the_next_provider_at_once(queued, configure):
    configure(CHANNELS={"email": [f"{HERE}.Refusing", f"{HERE}.Recorder"]})
    assert messaging.deliver(queued.pk) is False
    assert messaging.deliver(queued.pk) is True
    assert len(Recorder.sent) == 1


@pytest.mark.parametrize(("retry_after", "pause"), [(0, 5), (3, 5), (40, 40)])
def test_a_last_provider_is_left_alone_for_as_long_as_it_asks(queued, configure, monkeypatch, retry_after, pause):
    configure(CHANNELS={"email": [f"{HERE}.Busy"]})
    monkeypatch.setattr(Busy, "retry_after", retry_after)
    with time_machine.travel(timezone.now(), tick=False):
        messaging.deliver(queued.pk)
        queued.refresh_from_db()
        assert (queued.next_attempt_at - timezone.now()).total_seconds() == pause
    assert (queued.state, queued.tries, queued.last_error) == ("queued", 1, "DeliveryError: status 429")


@pytest.mark.parametrize(("retry_after", "sent"), [(5, 0), (6, 1)])
def test_a_provider_that_asks_for_more_than_its_pause_gives_way_to_the_next(
    queued, configure, monkeypatch, retry_after, sent
):
    configure(CHANNELS={"email": [f"{HERE}.Busy", f"{HERE}.Recorder"]})
    monkeypatch.setattr(Busy, "retry_after", retry_after)
    messaging.deliver(queued.pk)
    messaging.deliver(queued.pk)
    assert len(Recorder.sent) == sent


def test_a_provider_that_asks_for_longer_than_a_code_lives_ends_it(queued, configure, monkeypatch):
    configure(CHANNELS={"email": [f"{HERE}.Busy"]})
    monkeypatch.setattr(Busy, "retry_after", 3600)
    messaging.deliver(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.last_error) == ("failed", "DeliveryError: status 429")


def test_an_outage_shorter_than_the_codes_life_loses_nothing(queued, configure):
    configure(CHANNELS={"email": [f"{HERE}.Failing"]})
    start, waits = timezone.now(), []
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(50):
            messaging.deliver_due()
            queued.refresh_from_db()
            if queued.state != "queued":
                break
            waits.append(round((queued.next_attempt_at - timezone.now()).total_seconds()))
            clock.move_to(queued.next_attempt_at)
        assert waits == [5, 30] + [120] * 7
        assert timezone.now() - start > timedelta(minutes=12)
    assert (queued.state, queued.tries) == ("failed", 10)
    assert "provider is down" in queued.last_error


def test_a_permanent_refusal_by_the_last_provider_ends_it(queued, configure):
    configure(CHANNELS={"email": [f"{HERE}.Refusing"]})
    messaging.deliver(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.last_error) == ("failed", "DeliveryError: unknown template")


def test_a_backend_that_cannot_be_built_does_not_block_the_next(queued, configure):
    configure(CHANNELS={"email": [f"{HERE}.Unbuildable", f"{HERE}.Recorder"]})
    for _ in range(4):
        OutboxMessage.objects.update(next_attempt_at=timezone.now())
        messaging.deliver(queued.pk)
    assert len(Recorder.sent) == 1


def test_an_expired_code_is_not_sent(queued):
    with at(901):
        assert messaging.deliver(queued.pk) is False
    queued.refresh_from_db()
    assert (queued.state, queued.last_error) == (
        "failed",
        "The code had expired, or was used or replaced, before it could be sent.",
    )
    assert mail.outbox == []


def test_a_code_that_was_replaced_or_cleared_away_is_not_sent(queued):
    OtpVerification.objects.update(consumed_at=timezone.now())
    assert messaging.deliver(queued.pk) is False
    OutboxMessage.objects.update(state="queued", next_attempt_at=timezone.now())
    OtpVerification.objects.all().delete()
    assert messaging.deliver(queued.pk) is False
    assert mail.outbox == []
    assert OutboxMessage.objects.get().state == "failed"


def test_a_worker_that_dies_mid_send_leaves_the_row_to_the_next(queued, configure, monkeypatch):
    class Killed(BaseException):
        pass

    def die(message):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.delivery.render", die)
        with pytest.raises(Killed):
            messaging.deliver(queued.pk)
    assert messaging.deliver_due() == 0  # the lease holds
    with at(121):
        assert messaging.deliver_due() == 1


def test_c16_a_failing_sender_is_no_guess_and_no_error(api, configure, sign_up, send_code):
    configure(CHANNELS={"email": [f"{HERE}.Failing"]})
    assert send_code(sign_up())
    assert OtpVerification.objects.get().attempts == 0


def test_no_log_line_holds_contact_or_code(queued, configure, caplog):
    configure(CHANNELS={"email": [f"{HERE}.Failing"]})
    with caplog.at_level("DEBUG"):
        messaging.deliver(queued.pk)
    assert caplog.messages
    assert "jane@example.com" not in caplog.text
    assert queued.otp.code() not in caplog.text


def test_the_reason_of_a_failure_is_kept_without_the_contact(queued, configure):
    configure(CHANNELS={"email": [f"{HERE}.Chatty"]})
    messaging.deliver(queued.pk)
    queued.refresh_from_db()
    assert queued.last_error == "DeliveryError: 550 no such user <j***@example.com>"


def test_a_channel_of_another_name_sends_mail_to_an_address(queued, configure):
    configure(CHANNELS={"transactional": [f"{HERE}.Recorder"]})
    OutboxMessage.objects.update(channel="transactional")
    assert messaging.deliver(queued.pk) is True
    assert Recorder.sent[0].subject


def test_nothing_is_sent_for_a_transaction_that_rolls_back(db, sign_up):
    from django.db import transaction

    person, heard = sign_up(), []

    def note(sender, message_id, **kwargs):
        heard.append(message_id)

    message_queued.connect(note)
    try:
        with transaction.atomic():
            message = messaging.compose(
                "email_verification", channel="email", destination=person.email, now=timezone.now(), customer=person.row
            )
            messaging.queue(message)
            transaction.set_rollback(True)
    finally:
        message_queued.disconnect(note)
    assert heard == []
    assert not OutboxMessage.objects.exists()
