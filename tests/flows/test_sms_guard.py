"""The SMS guard stands at the delivery: countries, types of number, budgets, and the alarm before they are used up."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration import messaging
from customer_registration.messaging.backends import locmem
from customer_registration.messaging.backends.base import BaseBackend
from customer_registration.models import OutboxMessage
from customer_registration.signals import sms_budget_reached
from tests.texting import CAUGHT, LOCMEM, NUMBER, code_to, codes_to, notice_to, numbers, texted

pytestmark = pytest.mark.django_db
LONDON = "+447400123456"
FAILING = "tests.flows.test_outbox.Failing"
DEAD = {"STORAGE_URI": "redis://127.0.0.1:1/0"}


@pytest.fixture
def guard(configure):
    """Set the guard up; texts go to a list."""
    locmem.outbox.clear()
    channels = {"sms": [LOCMEM], "whatsapp": [LOCMEM]}
    return lambda **options: configure(SMS_GUARD=options, CHANNELS=channels)


class Killed(BaseException):
    """What a SIGKILL does to a worker."""


class Deadly(BaseBackend):
    """A provider in whose hands the worker dies."""

    def send(self, message):
        raise Killed


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def test_a_number_of_another_country_is_not_texted_and_the_row_says_why_without_it(guard):
    guard(COUNTRIES=["US", "CA"])
    message = code_to(LONDON)
    assert texted(message, code_to(NUMBER), code_to("+14165550123")) == [False, True, True]
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("suppressed", f"{CAUGHT}numbers of GB are not texted")


def test_a_number_of_a_type_that_was_taken_off_the_list_is_not_texted(guard):
    guard(NUMBER_TYPES=["MOBILE"])
    message = code_to("+442079460123")
    assert texted(message, code_to(LONDON)) == [False, True]
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("suppressed", f"{CAUGHT}numbers of type FIXED_LINE are not texted")


def test_the_budget_stops_texts_and_not_mails(guard):
    guard(HOURLY_BUDGET=3)
    assert codes_to([*numbers(3), *numbers(2, "+44740012")]) == 3
    assert len(locmem.outbox) == 3
    late = OutboxMessage.objects.last()
    assert (late.state, late.last_error) == ("suppressed", f"{CAUGHT}the hourly budget of all is used up")
    mailed = code_to("jane@example.com", purpose="email_verification", channel="email")
    assert texted(mailed) == [True]
    assert [message.to for message in mail.outbox] == [["jane@example.com"]]


def test_the_budget_counts_whatever_goes_to_a_number_by_whatever_channel(guard):
    guard(HOURLY_BUDGET=2)
    assert texted(code_to(NUMBER, channel="whatsapp"), notice_to(LONDON), code_to(NUMBER)) == [True, True, False]


def test_a_budget_is_full_again_in_the_next_hour(guard):
    guard(HOURLY_BUDGET=1)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert codes_to(numbers(2)) == 1
        clock.shift(3599)
        assert codes_to(numbers(1)) == 0
        clock.shift(1)
        assert codes_to(numbers(2)) == 1


def test_a_prefix_that_has_used_up_its_budget_leaves_the_others_and_the_whole_theirs(guard):
    guard(PREFIX_HOURLY_BUDGET=2, HOURLY_BUDGET=4)
    assert codes_to(numbers(9)) == 2
    assert OutboxMessage.objects.last().last_error == f"{CAUGHT}the hourly budget of +12025 is used up"
    assert codes_to(numbers(1, "+1415555")) == 1
    assert codes_to(numbers(1, "+44740012")) == 1
    assert codes_to(numbers(1, "+1312555")) == 0


def test_what_the_whole_budget_refuses_uses_nothing_of_a_prefix(guard):
    guard(PREFIX_HOURLY_BUDGET=3, HOURLY_BUDGET=2)
    assert codes_to(numbers(8)) == 2
    guard(PREFIX_HOURLY_BUDGET=3, HOURLY_BUDGET=None)
    assert codes_to(numbers(2)) == 1


def test_the_alarm_comes_at_four_fifths_and_at_the_end_once_a_window(guard, hear, caplog):
    guard(HOURLY_BUDGET=10, PREFIX_HOURLY_BUDGET=5)
    heard = hear(sms_budget_reached)
    with time_machine.travel(timezone.now(), tick=False) as clock, caplog.at_level(logging.WARNING):
        assert codes_to(numbers(3)) == 3
        assert heard == []
        assert codes_to(numbers(9)) == 2
        assert heard == [{"prefix": "+12025", "percent": each, "budget": 5} for each in (80, 100)]
        assert codes_to(numbers(9, "+1415555")) == 5
        in_all = [each for each in heard if each["prefix"] is None]
        assert in_all == [{"prefix": None, "percent": each, "budget": 10} for each in (80, 100)]
        assert len(heard) == 6
        clock.shift(3600)
        codes_to(numbers(4))
        assert heard[6:] == [{"prefix": "+12025", "percent": 80, "budget": 5}]
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "80 % of the 5 text messages an hour to +12025 are sent"
    assert "100 % of the 10 text messages an hour in all are sent" in said
    assert not any("+1202555" in line for line in said)


def test_a_receiver_that_fails_keeps_no_text_back(guard):
    def fail(**_):
        raise RuntimeError

    guard(HOURLY_BUDGET=1)
    sms_budget_reached.connect(fail)
    try:
        assert codes_to(numbers(2)) == 1
    finally:
        sms_budget_reached.disconnect(fail)


def test_a_message_counts_once_however_often_a_failing_provider_is_asked(guard, configure):
    guard(HOURLY_BUDGET=2)
    configure(CHANNELS={"sms": [FAILING, LOCMEM]})
    message = code_to(NUMBER)
    for _ in range(4):
        OutboxMessage.objects.update(next_attempt_at=timezone.now())
        messaging.deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sent", 4)
    configure(CHANNELS={"sms": [LOCMEM]})
    assert codes_to(numbers(2)) == 1


def test_a_try_whose_worker_was_killed_may_have_sent_it_and_the_next_one_counts_again(guard, configure):
    guard(HOURLY_BUDGET=2)
    configure(CHANNELS={"sms": ["tests.flows.test_sms_guard.Deadly"]})
    message = code_to(NUMBER)
    with pytest.raises(Killed):
        messaging.deliver(message.pk)
    configure(CHANNELS={"sms": [LOCMEM]})
    with later(seconds=121):
        assert texted(message) == [True]
        assert codes_to(numbers(1)) == 0


def test_without_the_counters_a_message_waits_and_no_try_of_it_is_used(guard, configure):
    guard(HOURLY_BUDGET=5)
    configure(RATE_LIMITS=DEAD)
    message = code_to(NUMBER)
    assert texted(message) == [False]
    message.refresh_from_db()
    assert (message.state, message.tries) == ("queued", 0)
    assert message.last_error == f"{CAUGHT}the limiter's store is down"
    assert timedelta(0) < message.next_attempt_at - timezone.now() <= timedelta(seconds=30)
    configure(RATE_LIMITS={"STORAGE_URI": "memory://"})
    with later(seconds=31):
        assert messaging.deliver_due() == 1
        assert codes_to(numbers(5)) == 4


def test_without_the_counters_until_a_code_is_dead_it_fails(guard, configure):
    guard(HOURLY_BUDGET=5)
    configure(RATE_LIMITS=DEAD)
    message = code_to(NUMBER, minutes=0.4)
    assert texted(message) == [False]
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("failed", f"{CAUGHT}the limiter's store is down")


def test_a_guard_without_budgets_needs_no_counters(guard, configure):
    guard(COUNTRIES=["US"])
    configure(RATE_LIMITS=DEAD)
    assert codes_to(numbers(3)) == 3


def test_what_tells_of_a_change_waits_for_the_next_hour(guard):
    """Else a thief who uses up the budget first could keep the owner from hearing what becomes of the account."""
    guard(HOURLY_BUDGET=1)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert codes_to(numbers(1)) == 1
        told = [notice_to(NUMBER), code_to(NUMBER, purpose="contact_undo", minutes=7 * 24 * 60)]
        assert texted(*told) == [False, False]
        assert set(OutboxMessage.objects.values_list("state", "tries")[1:]) == {("queued", 0)}
        clock.shift(3599)
        assert messaging.deliver_due() == 0
        clock.shift(1)
        assert messaging.deliver_due() == 1
        clock.shift(3600)
        assert messaging.deliver_due() == 1
    assert len(locmem.outbox) == 3


def test_what_cannot_go_out_before_it_is_too_late_is_given_up(guard):
    guard(HOURLY_BUDGET=1)
    assert codes_to(numbers(1)) == 1
    with later(hours=0.5):
        notice = notice_to(NUMBER)
        OutboxMessage.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(hours=23, minutes=45))
        assert texted(notice) == [False]
    notice.refresh_from_db()
    assert notice.state == "suppressed"
