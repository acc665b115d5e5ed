"""Thousands of text messages to far ranges (attack C15): the budget ends it, the alarm sounds, and nobody can tell."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from customer_registration.conf import config
from customer_registration.identifiers import phone_prefix
from customer_registration.messaging.backends import locmem
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.ratelimits.engine import build_storage
from customer_registration.signals import sms_budget_reached
from tests import by_code
from tests.by_code import PHONE, url
from tests.pumping import prefixes
from tests.texting import LOCMEM

PREFIXES, IPS, BUDGET = 300, 50, 20
REFUSED = "Held back: the hourly budget of all is used up"


@pytest.fixture
def shop(configure):
    """A shop that takes either contact and texts twenty times an hour; limits are as they come."""
    locmem.outbox.clear()
    either = {"IDENTIFIER": "both"}
    configure(REGISTRATION=either, LOGIN=either, CHANNELS={"sms": [LOCMEM]}, SMS_GUARD={"HOURLY_BUDGET": BUDGET})


@pytest.fixture
def attack(api, shop):
    """Ask for a code to a number of each prefix, from fifty addresses; return the answers."""

    def run(count=PREFIXES, step="pre-register"):
        ask = [api.another(REMOTE_ADDR=f"203.0.113.{n}").post for n in range(IPS)]
        return [ask[turn % IPS](url(step), {"identifier": each}) for turn, each in enumerate(prefixes(count))]

    return run


def seen(answer):
    """Return all that a client sees of an answer, but for what is random in a flow token."""
    body = re.sub(rb'"token":"[\w.-]+"', lambda found: b"%d letters" % len(found[0]), answer.content)
    return answer.status_code, body, dict(answer.headers)


def test_c15_the_budget_ends_it_and_the_alarm_sounds(attack, hear):
    heard = hear(sms_budget_reached)
    assert {answer.status_code for answer in attack()} == {200}
    assert len(locmem.outbox) == BUDGET
    assert len({phone_prefix(message.destination) for message in locmem.outbox}) == BUDGET
    assert heard == [{"prefix": None, "percent": each, "budget": BUDGET} for each in (80, 100)]
    held = OutboxMessage.objects.filter(state="suppressed")
    assert (held.count(), set(held.values_list("last_error", flat=True))) == (PREFIXES - BUDGET, {REFUSED})


def test_c15_mail_goes_on(api, attack):
    attack(BUDGET + 1)
    token = by_code.register(api, "jane@example.com")
    assert api.post("/store/customers", {"phone": PHONE}, token=token).status_code == 200
    assert by_code.log_in(api, "jane@example.com")
    assert len(mail.outbox) == 2


@pytest.fixture
def cost_of(api, counted):
    """Ask for a code from an address of its own; return the answer, its statements and the limits it counts on."""

    def run(number, step, ip, *, delivered=True):
        asking = api.another(REMOTE_ADDR=ip)
        before = limits()
        with counted() as queries:
            answer = (asking if delivered else asking.never_committing()).post(url(step), {"identifier": number})
        hit = sorted(hits for key, hits in limits().items() if before.get(key) != hits)
        return answer, len(queries.statements), hit

    return run


def test_c15_a_refused_text_answers_like_one_that_was_sent(attack, cost_of):
    first = attack(BUDGET - 1)[0]
    sent, *its_cost = cost_of(PHONE, "pre-register", "198.51.100.1")
    refused, *same_cost = cost_of("+12025550124", "pre-register", "198.51.100.2")
    assert [row.state for row in OutboxMessage.objects.order_by("pk")[BUDGET - 1 :]] == ["sent", "suppressed"]
    assert seen(refused) == seen(sent) == seen(first)
    assert its_cost == same_cost
    assert its_cost[1] == [1, 1, 1], "an hour and a day of the number's, an hour of the address's"


def test_c15_known_and_unknown_numbers_are_alike_past_the_budget(api, attack, cost_of):
    by_code.sign_up(api, phone=PHONE)
    Customer.objects.update(phone_verified_at=timezone.now())
    attack(BUDGET)
    known, *its_cost = cost_of(PHONE, "generate", "198.51.100.1", delivered=False)
    unknown, *same_cost = cost_of("+12025550124", "generate", "198.51.100.2", delivered=False)
    assert OtpVerification.objects.filter(destination=PHONE).exists(), "it would have gone out"
    assert seen(known) == seen(unknown)
    assert its_cost == same_cost


def limits():
    """Return the limiter's counters that requests use, and how they stand."""
    store = build_storage(config().rate_limits.storage_uri).storage
    return {key: hits for key, hits in store.items() if "/sms_" not in key}
