"""Rules are read strictly and counted exactly, and a refusal takes nothing with it."""

import random
import string
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine

from customer_registration import ratelimits
from customer_registration.exceptions import Throttled
from customer_registration.ratelimits import engine
from customer_registration.ratelimits.rules import DEFAULT_RULES, limits_of, parse

NOON = "2026-03-01T12:00:00Z"


@pytest.fixture
def rule(configure):
    """Lay a rule over ``login`` and return a function that hits it: ``True`` if it passes."""

    def make(text):
        configure(RATE_LIMITS={"RULES": {"login": text}})

        def passes(*, ip="192.0.2.1", key="jane@example.com"):
            try:
                ratelimits.hit("login", ip=ip, key=key)
            except Throttled:
                return False
            return True

        return passes

    return make


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5/m/key", [(5, 60, "key")]),
        ("5/5m/key+ip,10/m/ip", [(5, 300, "key+ip"), (10, 60, "ip")]),
        (" 1/s/ip , 2/2h/key ,3/30d/key+ip", [(1, 1, "ip"), (2, 7200, "key"), (3, 2_592_000, "key+ip")]),
        ("", []),
        (" , ", []),
    ],
)
def test_a_rule_is_amounts_windows_and_scopes(text, read):
    assert [(item.amount, item.get_expiry(), scope) for item, scope in parse(text)] == read


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "5/m",
        "m/ip",
        "5/m/user",
        "5/w/ip",
        "0/m/ip",
        "-1/m/ip",
        "1.5/m/ip",
        "5/0m/ip",
        "5/m/ip+key",
        "5/m/ip;1/h/ip",
    ],
)
def test_a_rule_that_is_none_is_refused_and_named(text):
    with pytest.raises(ValueError, match="is not a limit such as"):
        parse(f"20/h/ip,{text}")


def test_every_default_rule_can_be_read():
    for name in DEFAULT_RULES:
        assert limits_of(name)


def test_the_projects_rule_replaces_the_default_of_the_same_name(configure):
    configure(RATE_LIMITS={"RULES": {"login": "3/d/key"}})
    assert [(item.amount, scope) for item, scope in limits_of("login")] == [(3, "key")]
    assert limits_of("register") == parse(DEFAULT_RULES["register"])


def test_a_key_counts_one_person_from_everywhere(rule):
    passes = rule("2/m/key")
    assert [passes(ip=f"192.0.2.{n}") for n in range(3)] == [True, True, False]
    assert passes(key="eve@example.com")


def test_an_ip_counts_everyone_from_one_address(rule):
    passes = rule("2/m/ip")
    assert [passes(key=f"{n}@example.com") for n in range(3)] == [True, True, False]
    assert passes(ip="192.0.2.2")


def test_a_pair_counts_one_person_from_one_address(rule):
    passes = rule("1/m/key+ip")
    assert passes()
    assert not passes()
    assert passes(ip="192.0.2.2")
    assert passes(key="eve@example.com")


def test_no_address_leaves_the_limit_by_address_out_and_those_by_person_in(rule):
    assert [rule("3/m/key,1/m/ip")(ip=None) for _ in range(4)] == [True, True, True, False]


def test_no_address_makes_the_pair_the_person_alone(rule):
    passes = rule("2/m/key+ip")
    assert [passes(ip=None) for _ in range(3)] == [True, True, False]
    assert passes(ip="192.0.2.1")


def test_no_person_leaves_the_limits_by_person_out(configure):
    configure(RATE_LIMITS={"RULES": {"login": "1/m/key,1/m/key+ip,2/m/ip"}})
    for _ in range(2):
        ratelimits.hit("login", ip="192.0.2.1")
    with pytest.raises(Throttled):
        ratelimits.hit("login", ip="192.0.2.1")


def test_rules_do_not_share_counters(rule):
    assert rule("1/m/key")()
    ratelimits.hit("register", ip="192.0.2.1", key="jane@example.com")


def test_two_windows_on_one_key_both_hold(rule):
    with time_machine.travel(NOON, tick=False) as clock:
        passes = rule("5/m/key,20/h/key")
        for _ in range(4):
            assert [passes() for _ in range(6)] == [True] * 5 + [False]
            clock.shift(timedelta(seconds=61))
        assert not passes()  # the minute is fresh, the hour is used up
        clock.shift(timedelta(hours=1))
        assert passes()


def test_retry_after_is_what_is_left_of_the_window(configure):
    configure(RATE_LIMITS={"RULES": {"login": "1/m/key"}})
    with time_machine.travel(NOON, tick=False) as clock:
        ratelimits.hit("login", ip=None, key="jane")
        for passed, left in ((0, 60), (20, 40), (59.9, 1)):
            clock.move_to(NOON)
            clock.shift(timedelta(seconds=passed))
            with pytest.raises(Throttled) as refused:
                ratelimits.hit("login", ip=None, key="jane")
            assert refused.value.retry_after == left
        clock.shift(timedelta(seconds=1))
        ratelimits.hit("login", ip=None, key="jane")


def test_a_refusal_gives_the_hits_before_it_back(rule):
    passes = rule("3/m/key,1/m/ip")
    assert passes()
    for _ in range(5):
        assert not passes()  # by address; the person's counter is left alone
    assert [passes(ip=f"192.0.2.{n}") for n in range(2, 5)] == [True, True, False]


def test_hits_can_be_given_back(rule, configure):
    rule("1/m/key,1/m/ip,1/m/key+ip")
    for _ in range(3):
        ratelimits.hit("login", ip="192.0.2.1", key="jane").give_back()
    ratelimits.hit("login", ip="192.0.2.1", key="jane")
    with pytest.raises(Throttled):
        ratelimits.hit("login", ip="192.0.2.1", key="jane")


def test_a_refused_hit_is_not_held_against_the_person_once_the_others_are_given_back(rule):
    rule("1/m/key")
    first = ratelimits.hit("login", ip=None, key="jane")
    for _ in range(5):
        with pytest.raises(Throttled):
            ratelimits.hit("login", ip=None, key="jane")
    first.give_back()  # nothing is counted now
    ratelimits.hit("login", ip=None, key="jane")


def test_a_hit_given_back_after_its_window_is_no_credit(rule):
    with time_machine.travel(NOON, tick=False) as clock:
        passes = rule("2/m/key")
        late = ratelimits.hit("login", ip=None, key="jane@example.com")
        clock.shift(timedelta(seconds=61))
        late.give_back()
        assert [passes() for _ in range(3)] == [True, True, False]


def test_the_switch_turns_every_limit_off(configure):
    configure(RATE_LIMITS={"ENABLED": False, "RULES": {"login": "1/m/key"}})
    for _ in range(5):
        ratelimits.hit("login", ip="192.0.2.1", key="jane").give_back()


def test_a_reset_forgets_every_counter(rule):
    passes = rule("1/m/key")
    assert passes()
    assert not passes()
    ratelimits.reset()
    assert passes()


def test_counters_are_named_by_keyed_hashes(rule):
    from customer_registration.ratelimits.engine import _store

    rule("1/m/key+ip")(key="jane@example.com")
    with _store() as store:
        assert store.storage
        assert not any("jane" in name for name in store.storage)


@pytest.fixture
def hasty_threads():
    """Let threads take turns a thousand times as often."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_twenty_four_threads_get_exactly_what_the_rule_grants(rule):
    passes = rule("30/m/key")
    with ThreadPoolExecutor(24) as pool:
        for person in range(40):  # a window is opened by whoever comes first; that is where hits get lost
            together = Barrier(24)

            def run(_, person=person, together=together):
                together.wait()
                return sum(passes(key=str(person)) for _ in range(2))

            assert sum(pool.map(run, range(24))) == 30


@pytest.mark.usefixtures("hasty_threads")
def test_the_first_threads_of_a_process_share_one_store(rule):
    passes = rule("30/m/key")
    for person in range(20):
        engine._build_once.cache_clear()
        together = Barrier(24)

        def run(_, person=person, together=together):
            together.wait()
            return sum(passes(key=str(person)) for _ in range(2))

        with ThreadPoolExecutor(24) as pool:
            assert sum(pool.map(run, range(24))) == 30


# Over HTTP


def guess(api, email="jane@example.com", extra=None, **headers):
    body = {"email": email, "password": "wrong horse battery", **(extra or {})}
    return api.post("/auth/customer/emailpass", body, **headers).status_code


def test_made_up_fields_and_headers_do_not_change_the_key(api):
    def noise():
        return "".join(random.choices(string.ascii_letters, k=8))

    statuses = []
    for n in range(6):
        headers = {"x-forwarded-for": f"192.0.2.{n}", "forwarded": noise(), "user-agent": noise()}
        statuses.append(guess(api, extra={noise(): noise(), "username": noise()}, **headers))
    assert statuses == [401] * 5 + [429]


def test_six_spellings_are_six_guesses_at_one_person(api):
    spellings = ["jane@example.com", "JANE@example.com", " Jane@Example.Com ", "ｊane@example.com", "jane@EXAMPLE.com"]
    assert [guess(api, email) for email in [*spellings, "jAnE@example.com"]] == [401] * 5 + [429]


def test_known_and_unknown_people_meet_the_same_limit(api, verified):
    verified("jane@example.com")
    known = [guess(api, "jane@example.com") for _ in range(6)]
    ratelimits.reset()
    assert [guess(api, "nobody@example.com") for _ in range(6)] == known == [401] * 5 + [429]


def test_the_numbers_are_those_that_are_promised():
    sends = "5/h/key,10/d/key,20/h/ip"
    assert {
        "login": "60/m/ip",
        "login_failed": "5/5m/key+ip,10/m/ip",
        "register": "20/h/ip",
        "code_send": sends,
        "code_failed": "10/d/key,1/15m/key,100/30d/key",
        "password_reset": sends,
        "contact_change": sends,
        "account_deletion": sends,
    } == DEFAULT_RULES
