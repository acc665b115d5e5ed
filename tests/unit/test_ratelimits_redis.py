"""Counters in Redis are exact across threads and processes; without their store, sending and checking stop."""

import os
import socket
import uuid
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier

import django
import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.conf import SETTING
from customer_registration.exceptions import CodeAttemptsExceeded, LimiterUnavailable, Throttled
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from customer_registration.ratelimits import GuessBudget
from customer_registration.ratelimits.engine import build_storage

REDIS_URL = os.environ.get("TEST_REDIS_URL", "")
needs_redis = pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL names no Redis server")


@pytest.fixture
def redis(configure):
    """Count in Redis, and return a key nobody else uses; its counters end with their windows."""
    configure(RATE_LIMITS={"STORAGE_URI": REDIS_URL, "RULES": {"login": "50/m/key"}})
    return f"{uuid.uuid4()}@example.com"


@pytest.fixture
def dead_redis(configure):
    """Count in a Redis that is not there."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    configure(RATE_LIMITS={"STORAGE_URI": f"redis://127.0.0.1:{port}/0"})


def hits_that_pass(key, times):
    """Hit ``login`` so many times and return how many passed."""
    passed = 0
    for _ in range(times):
        try:
            ratelimits.hit("login", ip=None, key=key)
        except Throttled:
            continue
        passed += 1
    return passed


def in_a_process_of_its_own(key):
    """Hit ``login`` from 24 threads of a process that shares nothing but Redis and has not limited anything yet."""
    options = {"RATE_LIMITS": {"STORAGE_URI": REDIS_URL, "RULES": {"login": "50/m/key"}}}
    with override_settings(**{SETTING: options}):
        return from_many_threads(key)


def from_many_threads(key):
    """Hit ``login`` ten times from each of 24 threads and return how many hits passed."""
    together = Barrier(24)

    def run(_):
        together.wait()
        return hits_that_pass(key, 10)

    with ThreadPoolExecutor(24) as pool:
        return sum(pool.map(run, range(24)))


@needs_redis
@pytest.mark.redis
def test_twenty_four_threads_get_exactly_what_the_rule_grants(redis):
    assert from_many_threads(redis) == 50


@needs_redis
@pytest.mark.redis
def test_four_processes_get_exactly_what_the_rule_grants(redis):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        assert sum(pool.map(in_a_process_of_its_own, [redis] * 4)) == 50


@needs_redis
@pytest.mark.redis
def test_a_limit_says_when_to_come_back_and_takes_hits_back(configure, redis):
    configure(RATE_LIMITS={"RULES": {"login": "1/m/key"}})
    for _ in range(3):
        ratelimits.hit("login", ip=None, key=redis).give_back()
    ratelimits.hit("login", ip=None, key=redis)
    with pytest.raises(Throttled) as refused:
        ratelimits.hit("login", ip=None, key=redis)
    assert 1 <= refused.value.retry_after <= 60


@needs_redis
@pytest.mark.redis
def test_threads_share_one_budget_of_guesses(configure, redis):
    configure(RATE_LIMITS={"RULES": {"code_failed": "10/d/key"}})

    def guess(_):
        try:
            GuessBudget("verification", redis).spend()
        except CodeAttemptsExceeded:
            return False
        return True

    with ThreadPoolExecutor(24) as pool:
        assert sum(pool.map(guess, range(100))) == 10
    GuessBudget("verification", redis).clear()
    assert guess(0)


def test_a_store_that_is_down_is_an_error_of_its_own(dead_redis):
    with pytest.raises(LimiterUnavailable):
        ratelimits.hit("login", ip="192.0.2.1", key="jane@example.com")
    with pytest.raises(LimiterUnavailable):
        GuessBudget("verification", "cus_jane").spend()
    with pytest.raises(LimiterUnavailable):
        GuessBudget("verification", "cus_jane").clear()


@pytest.fixture
def requests_that_send_or_check(sign_up, send_code):
    """Return a request for each road that sends or checks: path, body, token."""
    person = sign_up("jane@example.com")
    credentials = {"email": person.email, "password": person.password}
    return {
        "register": ("/auth/customer/emailpass/register", {**credentials, "email": "eve@example.com"}, None),
        "register again": ("/auth/customer/emailpass/register", credentials, None),
        "login": ("/auth/customer/emailpass", credentials, None),
        "login of nobody": ("/auth/customer/emailpass", {**credentials, "email": "nobody@example.com"}, None),
        "login of staff": ("/auth/user/emailpass", credentials, None),
        "verify": ("/store/customers/otp/verify", {"token": send_code(person), "code": "123456"}, None),
        "send": ("/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"}, None),
        "send to nobody": ("/store/customers/otp/send", {"customer_id": "cus_x", "type": "email_verification"}, None),
        "request": ("/auth/verification/request", {"entity_id": person.email, "entity_type": "email"}, person.token),
        "confirm": ("/auth/verification/confirm", {"code": "123456"}, person.token),
    }


def test_without_the_store_nothing_is_sent_or_checked(api, requests_that_send_or_check, request):
    mail.outbox.clear()
    before = [model.objects.count() for model in (Customer, OtpVerification, OutboxMessage)]
    request.getfixturevalue("dead_redis")
    for name, (path, body, token) in requests_that_send_or_check.items():
        answer = api.post(path, body, token=token)
        assert answer.status_code == 503, name
        assert (answer.json()["type"], answer.json()["code"]) == ("unavailable", "limiter_unavailable"), name
        assert int(answer.headers["Retry-After"]) >= 1, name
    assert [model.objects.count() for model in (Customer, OtpVerification, OutboxMessage)] == before
    assert not OtpVerification.objects.exclude(attempts=0).exists()
    assert mail.outbox == []


def test_without_the_store_live_sessions_go_on(api, verified, request):
    person, token = verified()
    request.getfixturevalue("dead_redis")
    assert api.get("/store/customers/me", token=token).json()["customer"]["id"] == person.id
    renewed = api.post("/auth/token/refresh", token=token)
    assert renewed.status_code == 200
    assert api.get("/store/customers/me", token=renewed.json()["token"]).status_code == 200


@pytest.mark.parametrize(("asked_for", "waited"), [("", 2.0), ("?socket_timeout=0.5&socket_connect_timeout=0.5", 0.5)])
def test_a_store_that_hangs_is_not_waited_for_longer_than_the_uri_says(asked_for, waited):
    store = build_storage(f"redis://127.0.0.1:1/0{asked_for}")
    options = store.storage.connection_pool.connection_kwargs
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (waited, waited)


@needs_redis
@pytest.mark.redis
def test_no_refusal_is_lost_while_somebody_takes_them_over(redis):
    counter = ratelimits.refusals.counter("login", timezone.localdate())
    counter.take()  # the day is everybody's, and another test's requests may have been refused

    def refuse(_):
        for _ in range(10):
            ratelimits.refusals.note("login")
        return 0

    with ThreadPoolExecutor(24) as pool:
        refusing = pool.map(refuse, range(24))
        taken = sum(counter.take() for _ in range(100))
        assert sum(refusing) == 0
    assert taken + counter.take() == 240
    assert counter.take() == 0
