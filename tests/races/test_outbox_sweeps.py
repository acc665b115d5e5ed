"""Sweeps and tasks at the same messages, at the same moment: each is sent once, and counted once."""

from collections import Counter

import pytest

from customer_registration import messaging
from customer_registration.messaging.backends import locmem
from customer_registration.models import OutboxMessage, outbox_message
from customer_registration.signals import sms_budget_reached
from tests.races.at_once import at_once
from tests.texting import LOCMEM, code_to, numbers

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]
MESSAGES, SWEEPS, TASKS = 240, 4, 4


@pytest.fixture(autouse=True)
def texts(configure):
    """Send texts to a list."""
    locmem.outbox.clear()
    configure(CHANNELS={"sms": [LOCMEM]})


def waiting(count=MESSAGES):
    """Write codes that are due; return the keys of their messages."""
    return [code_to(number).pk for number in numbers(count)]


def sweep():
    """Deliver what is due until nothing is."""
    return sum(iter(messaging.deliver_due, 0))


def test_sweeps_side_by_side_send_each_message_once():
    waiting()
    shares = at_once(*[sweep] * SWEEPS)
    assert sum(shares) == MESSAGES
    assert sorted(message.destination for message in locmem.outbox) == numbers(MESSAGES)
    assert set(OutboxMessage.objects.values_list("state", "tries")) == {("sent", 1)}


def test_sweeps_and_tasks_side_by_side_send_each_message_once():
    keys = waiting()

    def worker(turn):
        return lambda: sum(messaging.deliver(key) for key in keys[turn::TASKS])

    shares = at_once(*[sweep] * SWEEPS, *map(worker, range(TASKS)))
    assert sum(shares) == MESSAGES
    assert sorted(message.destination for message in locmem.outbox) == numbers(MESSAGES)
    assert set(OutboxMessage.objects.values_list("state", "tries")) == {("sent", 1)}


def test_sweeps_side_by_side_send_as_many_texts_as_the_budget_has(configure, hear):
    configure(SMS_GUARD={"HOURLY_BUDGET": MESSAGES // 2})
    heard = hear(sms_budget_reached)
    waiting()
    assert sum(at_once(*[sweep] * SWEEPS)) == len(locmem.outbox) == MESSAGES // 2
    assert Counter(OutboxMessage.objects.values_list("state", "outcome")) == {
        ("sent", ""): MESSAGES // 2,
        ("suppressed", "held_budget"): MESSAGES // 2,
    }
    assert sorted(each["percent"] for each in heard) == [80, 100]


@pytest.mark.usefixtures("read_committed")
def test_messages_that_are_claimed_without_a_lock_are_sent_twice(meeting, monkeypatch):
    """What the tests above have to see."""

    def unlocked(rows):
        found = list(rows)
        meeting()
        return found

    monkeypatch.setattr(outbox_message, "locked", unlocked)
    waiting(1)
    at_once(*[messaging.deliver_due] * 2)
    assert [message.destination for message in locmem.outbox] == numbers(1) * 2
