"""The sweep works in batches: what they cost, how long they take, and what becomes of the rest of one."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DataError, connection
from django.utils import timezone

from customer_registration import beat, messaging, tasks
from customer_registration.messaging import delivery, sweep
from customer_registration.messaging.backends.base import BaseBackend
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from tests.conftest import new_user
from tests.races.departures import phone_of
from tests.texting import code_to, notice_to, numbers

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

CLAIMED, READ, CLOSED = 2 if connection.features.has_select_for_update else 3, 1, 1  # SQLite begins as a writer


class Provider(BaseBackend):
    """Keeps the numbers of what it takes, and does what a test would have it do before it takes a message."""

    taken: list = []
    deeds: dict = {}
    seconds = 0.0

    def send(self, message):
        """Take a message."""
        self.deeds.pop(len(self.taken), lambda: None)()
        Clock.now += self.seconds
        self.taken.append(message.destination)


class Clock:
    """The clock that batches go by, which stands still but for what the provider takes."""

    now = 0.0

    @staticmethod
    def monotonic():
        """Return the time."""
        return Clock.now


class Killed(BaseException):
    """A worker that is told to end."""


@pytest.fixture(autouse=True)
def provider(configure, monkeypatch):
    """The provider of the sms channel; nothing takes time unless it does."""
    configure(CHANNELS={"sms": [f"{__name__}.Provider"]})
    for name, value in (("taken", []), ("deeds", {}), ("seconds", 0.0)):
        monkeypatch.setattr(Provider, name, value)
    monkeypatch.setattr(Clock, "now", 0.0)
    monkeypatch.setattr(sweep, "time", Clock)
    return Provider


def codes(count, prefix="+1202555"):
    """Write codes that are due since a minute and so many seconds, the first for longest; return their numbers."""
    due = timezone.now() - timedelta(minutes=1)
    for age, number in enumerate(chosen := numbers(count, prefix)):
        message = code_to(number)
        OutboxMessage.objects.filter(pk=message.pk).update(
            next_attempt_at=due + timedelta(seconds=age), created_at=due + timedelta(seconds=age)
        )
    return chosen


def held():
    """Return how many messages a lease is on."""
    return OutboxMessage.objects.filter(state="queued", next_attempt_at__gt=timezone.now()).count()


def killed():
    """End the worker."""
    raise Killed


@pytest.mark.parametrize(("messages", "batches"), [(1, 1), (4, 2), (11, 3), (26, 4)])
def test_a_batch_costs_the_same_statements_however_many_it_sends(counted, messages, batches):
    codes(messages)
    with counted() as queries:
        assert messaging.deliver_due(limit=messages) == messages
    assert len(queries.statements) == batches * (CLAIMED + READ + CLOSED)


def test_messages_to_other_countries_are_closed_by_one_statement_a_country(counted):
    codes(2, "+1202555"), codes(1, "+491511200")
    with counted() as queries:
        assert messaging.deliver_due(limit=3) == 3
    # The first goes alone.
    assert len(queries.statements) == 2 * (CLAIMED + READ) + CLOSED + 2 * CLOSED
    assert sorted(OutboxMessage.objects.values_list("country", flat=True)) == ["DE", "US", "US"]


def test_links_whose_tokens_hold_the_password_cost_no_more_than_codes(counted):
    for number in range(4):
        email = f"jane{number}@example.com"
        customer = Customer.objects.create(user=new_user(f"jane{number}", email, **phone_of(number)), email=email)
        link = code_to(email, purpose="password_reset", channel="email")
        OtpVerification.objects.filter(pk=link.otp_id).update(customer=customer, payload={"provider": "emailpass"})
        OutboxMessage.objects.filter(pk=link.pk).update(customer=customer)
    with counted() as queries:
        assert messaging.deliver_due(limit=4) == 4
    assert len(queries.statements) == 2 * (CLAIMED + READ + CLOSED)


def test_a_sent_message_has_all_that_one_delivered_alone_has():
    alone, swept = code_to("+12025550101"), code_to("+12025550102")
    messaging.deliver(alone.pk)
    assert messaging.deliver_due() == 1
    fields = ("state", "tries", "last_error", "country", "outcome", "destination", "context", "customer")
    one, other = OutboxMessage.objects.order_by("pk").values_list(*fields)
    assert one == other == ("sent", 1, "", "US", "", "", {}, None)
    swept.refresh_from_db()
    assert swept.sent_at is not None


def test_codes_go_before_notices_and_the_oldest_first_though_batches_are_given_back(provider):
    notice_to("+12025559999")
    chosen = codes(9)
    provider.seconds = 0.3  # so that each batch but the first has time for two
    assert messaging.deliver_due() == 10
    assert provider.taken == [*chosen, "+12025559999"]
    assert set(OutboxMessage.objects.values_list("state", "tries")) == {("sent", 1)}


@pytest.mark.parametrize(("seconds", "most"), [(0.0, 15), (0.125, 9), (0.3, 5), (25.0, 3)])
def test_no_more_is_held_than_twice_what_there_is_time_for(provider, seconds, most):
    codes(26)
    seen = []
    provider.seconds = seconds
    provider.deeds = {place: lambda: seen.append(held()) for place in range(26)}
    assert messaging.deliver_due() == 26
    assert max(seen) == most


def test_the_batches_grow_to_their_size_and_no_further(provider, monkeypatch):
    monkeypatch.setattr(sweep, "BATCH_SIZE", 5)
    codes(19)
    seen = []
    provider.deeds = {place: lambda: seen.append(held()) for place in range(19)}
    assert messaging.deliver_due() == 19
    assert max(seen) == 5


def test_a_lease_lasts_longer_than_a_batch_and_a_backend_that_hangs():
    assert timedelta(seconds=sweep.BATCH_SECONDS + 30) < delivery.LEASE / 2


def test_a_worker_that_is_told_to_end_closes_what_it_sent_and_gives_the_rest_back(provider):
    chosen = codes(11)
    provider.deeds = {7: killed}  # the fourth of a batch of seven
    with pytest.raises(Killed):
        messaging.deliver_due()
    states = OutboxMessage.objects.order_by("created_at").values_list("state", "tries")
    assert list(states) == [("sent", 1)] * 7 + [("queued", 1)] + [("queued", 0)] * 3
    assert held() == 1, "the one that it was at may have been sent"
    assert messaging.deliver_due() == 3
    assert provider.taken == chosen[:7] + chosen[8:]
    with time_machine.travel(timezone.now() + delivery.LEASE):
        assert messaging.deliver_due() == 1
    assert sorted(provider.taken) == chosen


def test_a_code_that_is_used_while_a_sweep_is_at_work_is_sent_for_half_a_second_more(provider):
    chosen = codes(9)
    provider.seconds = 0.3
    provider.deeds = {3: lambda: OtpVerification.objects.update(consumed_at=timezone.now())}
    assert messaging.deliver_due() == 5
    assert provider.taken == chosen[:5], "the fourth was on its way, the fifth read with it"
    assert set(OutboxMessage.objects.filter(sent_at=None).values_list("state", "outcome")) == {("failed", "too_late")}


def test_a_code_that_expires_within_its_batch_is_not_sent(provider):
    codes(4)
    OtpVerification.objects.filter(destination__endswith="3").update(expires_at=timezone.now() + timedelta(minutes=5))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        provider.deeds = {1: lambda: clock.shift(timedelta(minutes=6))}
        assert messaging.deliver_due() == 3
    assert OutboxMessage.objects.get(outcome="too_late").destination == ""


def test_a_message_that_fails_is_tried_again_later_and_the_rest_of_its_batch_is_sent(provider):
    chosen = codes(7)

    def fail():
        raise ConnectionRefusedError

    provider.deeds = {3: fail}
    assert messaging.deliver_due() == 6
    assert provider.taken == chosen[:3] + chosen[4:]
    failed = OutboxMessage.objects.get(state="queued")
    assert (failed.destination, failed.tries, failed.last_error) == (chosen[3], 1, "ConnectionRefusedError: ")
    assert messaging.deliver_due() == 0


def test_of_a_batch_that_cannot_be_closed_together_each_is_closed_for_itself(monkeypatch, caplog):
    codes(4)
    finish = delivery._finish

    def fail_for_the_third(*messages, **options):
        if any(message.destination.endswith("2") for message in messages):
            raise DataError("value too long")
        finish(*messages, **options)

    monkeypatch.setattr(delivery, "_finish", fail_for_the_third)
    assert messaging.deliver_due() == 3
    assert held() == 1
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "3 messages could not be closed together: DataError",
        f"Message {OutboxMessage.objects.get(state='queued').pk} could not be closed: DataError",
    ]


def test_a_message_that_cannot_be_given_up_keeps_the_rest_of_its_batch_from_nothing(provider, monkeypatch):
    chosen = codes(4)
    OtpVerification.objects.filter(destination=chosen[2]).update(consumed_at=timezone.now())
    finish = delivery._finish

    def fail_to_give_up(*messages, state, **options):
        if state == "failed":
            raise DataError("value too long")
        finish(*messages, state=state, **options)

    monkeypatch.setattr(delivery, "_finish", fail_to_give_up)
    assert messaging.deliver_due() == 3
    assert provider.taken == chosen[:2] + chosen[3:]


def test_a_sweep_tries_so_many_and_goes_on_for_as_long_as_it_is_told(provider):
    codes(20)
    provider.seconds = 0.125
    assert messaging.deliver_due(limit=3) == 3
    assert messaging.deliver_due(limit=3, seconds=0.125) == 3
    assert messaging.deliver_due(limit=3, seconds=0.5) == 3 + 4  # which is what a batch has time for


def test_the_task_goes_on_until_the_next_one_comes(monkeypatch):
    told = []
    monkeypatch.setattr(messaging, "deliver_due", lambda **options: told.append(options))
    tasks.deliver_due_messages()
    assert told == [{"seconds": beat.SCHEDULE["customer_registration.deliver_due_messages"]["schedule"]}]
