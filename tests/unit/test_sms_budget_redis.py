"""One SMS budget over many processes: it is exact, and the alarm sounds once in all of them."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier

import django
import pytest
from django.test import override_settings
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.conf import SETTING
from customer_registration.messaging import sms_guard
from customer_registration.models import OutboxMessage
from customer_registration.signals import sms_budget_reached
from tests.texting import NUMBER

REDIS_URL = os.environ.get("TEST_REDIS_URL", "")
pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL names no Redis server"),
]
PROCESSES, THREADS, EACH = 4, 12, 5
GUARD = {"HOURLY_BUDGET": 60, "PREFIX_HOURLY_BUDGET": 50}


def admitted():
    """Let so many messages up to the guard from each thread; return how many pass, and the alarms that sound."""
    alarms = []

    def note(percent, prefix, **_):
        alarms.append((percent, prefix))

    sms_budget_reached.connect(note)
    together = Barrier(THREADS)

    def run(_):
        together.wait()
        message = OutboxMessage(kind="phone_verification", channel="sms", destination=NUMBER)
        return sum(sms_guard.admit(message, now=timezone.now()) is None for _ in range(EACH))

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(run, range(THREADS))), alarms
    finally:
        sms_budget_reached.disconnect(note)


def in_a_process_of_its_own(_):
    """Do it where nothing is shared but Redis."""
    with override_settings(**{SETTING: {"SMS_GUARD": GUARD, "RATE_LIMITS": {"STORAGE_URI": REDIS_URL}}}):
        return admitted()


@pytest.fixture(autouse=True)
def redis(configure):
    configure(SMS_GUARD=GUARD, RATE_LIMITS={"STORAGE_URI": REDIS_URL})
    ratelimits.reset()
    yield
    ratelimits.reset()


def test_four_processes_share_one_budget_and_one_alarm():
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        done = list(pool.map(in_a_process_of_its_own, range(PROCESSES)))
    assert sum(count for count, _ in done) == GUARD["PREFIX_HOURLY_BUDGET"]
    alarms = sorted((alarm for _, heard in done for alarm in heard), key=str)
    assert alarms == [(100, "+12025"), (80, "+12025"), (80, None)]


def test_what_a_refusal_gives_back_is_there_for_the_next(configure):
    configure(SMS_GUARD={"HOURLY_BUDGET": 10, "PREFIX_HOURLY_BUDGET": 20})
    assert admitted()[0] == 10
    configure(SMS_GUARD={"HOURLY_BUDGET": None, "PREFIX_HOURLY_BUDGET": 20})
    assert admitted()[0] == 10
