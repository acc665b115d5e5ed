"""manage.py explain_limits reads and changes nothing, of every rule, in every store."""

import re
import socket
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from limits.storage import RedisStorage

from customer_registration import keys, ratelimits
from customer_registration.flows.standing.rules import OF_CONTACTS, OF_IDS
from customer_registration.ratelimits.engine import build_storage
from customer_registration.ratelimits.rules import DEFAULT_RULES, limits_of, parse
from tests.commands.explain_limits.conftest import (
    IP,
    JANE,
    LOGIN,
    NOBODY,
    PHONE,
    REDIS_URL,
    RESET,
    explain,
    refusing,
)

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def test_all_tells_every_rule_and_no_contact_or_key(configure, verified):
    configure(REGISTRATION={"IDENTIFIER": "both"})
    person, _ = verified(JANE, phone=PHONE)
    said = explain(JANE, "--all", "--ip", IP)
    for rule in DEFAULT_RULES:
        for limit in limits_of(rule):
            assert f" {rule} {limit}: " in said
    assert JANE not in said
    assert PHONE not in said
    for _, _, whose in OF_CONTACTS:
        assert whose.format("j***@example.com") in said
        assert whose.format("+12*****0123") in said
    for _, _, whose in OF_IDS:
        assert whose.format(person.id) in said


@pytest.mark.parametrize("text", ["5/5m/key+ip", "10/d/key", "1/30d/ip", "7/s/key", "20/2h/ip"])
def test_a_limit_is_spelled_as_it_is_written(text):
    assert [str(limit) for limit in parse(text)] == [text]


def test_looking_counts_and_writes_nothing(api, clock, verified):
    person, _ = verified(JANE)
    api.post(LOGIN, {"email": JANE, "password": "wrong"})
    api.post(RESET, {"identifier": JANE})
    store = build_storage("memory://")
    before = dict(store.storage), dict(store.expirations)
    with CaptureQueriesContext(connection) as seen:
        first, second = explain(JANE, "--ip", "127.0.0.1"), explain(person.id, "--ip", "127.0.0.1")
    assert first == second
    assert (dict(store.storage), dict(store.expirations)) == before
    assert {query["sql"].split()[0] for query in seen} == {"SELECT"}
    assert len(seen) / 2 <= 5


def test_rules_that_are_off_refuse_nothing(api, clock, configure, verified):
    verified(JANE)
    clock.shift(timedelta(minutes=2))
    for _ in range(5):
        api.post(LOGIN, {"email": JANE, "password": "wrong"})
    assert refusing(JANE, "--ip", "127.0.0.1")
    configure(RATE_LIMITS={"ENABLED": False})
    assert "(RATE_LIMITS.ENABLED is off: no rule refuses anything)" in explain(JANE, "--ip", "127.0.0.1")
    assert refusing(JANE, "--ip", "127.0.0.1") == {}


def test_memory_is_said_to_be_this_processs_own(db):
    assert "memory of each process (memory://): those of others cannot be seen" in explain(NOBODY)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jane"], "'jane' is no id, no e-mail address and no phone number"),
        (["cus_0"], "'cus_0' is no id"),
        ([NOBODY, "--ip", "somewhere"], "'somewhere' is no IP address"),
    ],
)
def test_what_names_nothing_is_said(db, arguments, said):
    with pytest.raises(CommandError, match=re.escape(said)):
        explain(*arguments)


def test_a_store_that_is_down_is_said(db, configure):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    configure(RATE_LIMITS={"STORAGE_URI": f"redis://127.0.0.1:{port}/0"})
    with pytest.raises(CommandError, match="store is down: nothing can be read"):
        explain(NOBODY)


@pytest.mark.redis
@pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL names no Redis server")
def test_counters_of_other_processes_are_seen_on_redis_and_left_as_they_are(db, configure):
    configure(RATE_LIMITS={"STORAGE_URI": REDIS_URL})
    who, ip = f"{uuid.uuid4()}@example.com", f"198.51.100.{uuid.uuid4().int % 256}"
    for _ in range(5):
        ratelimits.hit("login_failed", ip=ip, key=who)
    store = build_storage(REDIS_URL)
    assert isinstance(store, RedisStorage)
    whose = f"*{keys.keyed_hash('ratelimits', who)}*"
    counted = {key: store.get_connection().get(key) for key in store.get_connection().keys(whose)}
    told = refusing(who, "--ip", ip)
    assert set(told) == {"login_failed 5/5m/key+ip"}
    left = told["login_failed 5/5m/key+ip"] - timezone.now()
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)
    assert "memory" not in explain(who)
    assert {key: store.get_connection().get(key) for key in store.get_connection().keys(whose)} == counted
    assert list(counted.values()) == [b"5"]
