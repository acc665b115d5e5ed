"""Many workers at one SMS budget: as many texts go out as it has, and the alarm sounds once."""

import pytest

from customer_registration import messaging
from customer_registration.messaging import sms_guard
from customer_registration.messaging.backends import locmem
from customer_registration.models import OutboxMessage
from customer_registration.ratelimits import Counter
from customer_registration.signals import sms_budget_reached
from tests.races.at_once import THREADS, at_once
from tests.texting import LOCMEM, code_to, numbers

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]
WHOLE, NARROW, EACH = 30, 20, 3


@pytest.fixture
def rush(configure):
    """Deliver texts of two prefixes from many threads; return how many went to each."""
    locmem.outbox.clear()
    configure(SMS_GUARD={"HOURLY_BUDGET": WHOLE, "PREFIX_HOURLY_BUDGET": NARROW}, CHANNELS={"sms": [LOCMEM]})
    half = THREADS * EACH // 2
    one, other = ([code_to(number).pk for number in numbers(half, prefix)] for prefix in ("+1202555", "+1415555"))
    waiting = [key for pair in zip(one, other, strict=True) for key in pair]

    def worker(turn):
        return lambda: [messaging.deliver(key) for key in waiting[turn::THREADS]]

    def run():
        at_once(*[worker(turn) for turn in range(THREADS)])
        went = [message.destination[:5] for message in locmem.outbox]
        return went.count("+1202"), went.count("+1415")

    return run


def test_as_many_texts_go_out_as_the_budgets_have_and_the_alarm_sounds_once(rush, hear):
    heard = hear(sms_budget_reached)
    one, other = rush()
    assert one + other == WHOLE
    assert max(one, other) <= NARROW
    states = OutboxMessage.objects.values_list("state", flat=True)
    assert sorted(set(states)) == ["sent", "suppressed"]
    assert list(states).count("sent") == WHOLE
    in_all = [each["percent"] for each in heard if each["prefix"] is None]
    assert sorted(in_all) == [80, 100]
    assert len({tuple(each.items()) for each in heard}) == len(heard)


def test_a_budget_that_is_read_and_then_counted_is_overdrawn(rush, monkeypatch, meeting):
    """What the test above has to see."""
    honest = Counter.hit

    def hit(self):
        left = self.item.amount - self.count() - 1
        meeting()
        honest(self)
        return left

    monkeypatch.setattr(sms_guard.Counter, "hit", hit)
    assert sum(rush()) > WHOLE
