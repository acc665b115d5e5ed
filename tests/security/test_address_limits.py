"""Rows D3 to D7 of ``security.md``, over HTTP: what a limit counts by cannot be chosen by whom it limits."""

import random
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.conftest import PASSWORD

pytestmark = pytest.mark.life_cycle

LOGIN = "/auth/customer/emailpass"
JANE = "jane@example.com"
TEN_A_MINUTE = [401] * 10 + [429] * 90


@pytest.fixture(autouse=True)
def now():
    """Stand still: a window that ends in the middle of a test is another test's subject."""
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


@pytest.fixture
def guess(api, db):
    """Guess at somebody else's password each time, so that addresses alone count; return the status."""
    names = iter(range(10_000))

    def run(remote="192.0.2.1", forwarded=None, **body):
        api.client.defaults["REMOTE_ADDR"] = remote
        headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
        guessed = {"email": f"{next(names)}@example.com", "password": "wrong password", **body}
        return api.post(LOGIN, guessed, **headers).status_code

    return run


def anybody():
    return ".".join(str(random.randrange(1, 250)) for _ in range(4))


def test_d3_a_login_of_ones_own_between_guesses_clears_nothing(api, verified, guess):
    """Neither at one account nor, below, at many: what a success gives back is its own hit."""
    verified("mine@example.com")
    statuses = []
    for _ in range(12):
        statuses.append(guess())
        api.post(LOGIN, {"email": "mine@example.com", "password": PASSWORD})
    assert statuses == [401] * 10 + [429] * 2


def test_d3_nor_at_one_account(api, verified, guess):
    verified("mine@example.com")
    verified(JANE)
    statuses = []
    for _ in range(6):
        statuses.append(guess(email=JANE))
        api.post(LOGIN, {"email": "mine@example.com", "password": PASSWORD})
    assert statuses == [401] * 5 + [429]
    assert guess(email=JANE, password=PASSWORD) == 429


@pytest.mark.parametrize("where", ["in the body", "in the query", "in headers"])
def test_d4_what_else_a_request_says_is_no_part_of_the_key(api, verified, where):
    verified(JANE)
    body, statuses = {"email": JANE, "password": "wrong password"}, []
    for _ in range(6):
        noise = {f"x{random.random()}": anybody(), "username": anybody(), "device": anybody(), "ip": anybody()}
        query = "?" + "&".join(f"{name}={value}" for name, value in noise.items()) if where == "in the query" else ""
        headers = {"user-agent": anybody(), "cookie": f"sessionid={anybody()}", "x-real-ip": anybody()}
        said = noise if where == "in the body" else {}
        answer = api.post(LOGIN + query, said | body, **(headers if where == "in headers" else {}))
        statuses.append(answer.status_code)
    assert statuses == [401] * 5 + [429]


def test_d4_nor_is_the_metadata_of_a_reset(api, verified, configure):
    configure(PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})
    verified(JANE)
    from django.core import mail

    mail.outbox.clear()
    for number in range(8):
        asked = {"identifier": JANE, "metadata": {anybody(): number}}
        assert api.post(f"{LOGIN}/reset-password", asked).status_code == 201
    assert len(mail.outbox) == 5


def test_d5_without_proxies_a_hundred_forwarded_headers_are_one_key(guess):
    assert [guess(forwarded=anybody()) for _ in range(100)] == TEN_A_MINUTE


def test_d5_behind_one_proxy_the_last_entry_alone_counts(configure, guess):
    configure(RATE_LIMITS={"TRUSTED_PROXIES": 1})
    assert [guess(forwarded=f"{anybody()}, {anybody()}, 203.0.113.9") for _ in range(100)] == TEN_A_MINUTE
    assert guess(forwarded="203.0.113.9, 203.0.113.10") == 401  # another client of the same proxy
    assert guess(remote="198.51.100.1", forwarded="203.0.113.9") == 429  # the same one by another proxy


@pytest.mark.parametrize("header", ["forwarded", "x-real-ip", "client-ip", "x-client-ip", "cf-connecting-ip", "via"])
def test_d5_no_other_header_names_the_client(api, db, header):
    for number in range(11):
        body = {"email": f"{number}@example.com", "password": "wrong password"}
        value = f"for={anybody()}" if header == "forwarded" else anybody()
        status = api.post(LOGIN, body, **{header: value}).status_code
    assert status == 429


def test_d6_the_addresses_of_one_64_share_a_key(guess):
    network = "2001:db8:1:2"
    own = [f"{network}:{random.getrandbits(16):x}:{random.getrandbits(16):x}::{number:x}" for number in range(1, 101)]
    assert [guess(remote) for remote in own] == TEN_A_MINUTE
    assert guess("2001:db8:1:3::1") == 401


def test_d6_a_mapped_address_is_the_ipv4_address_it_maps(guess):
    spellings = ["1.2.3.4", "::ffff:1.2.3.4", "::FFFF:0102:0304", "0:0:0:0:0:ffff:1.2.3.4"]
    assert [guess(spellings[number % 4]) for number in range(100)] == TEN_A_MINUTE
    assert guess("::ffff:1.2.3.5") == 401


@pytest.mark.parametrize("rule", ["5/m/ip,20/h/ip", "20/h/ip,5/m/ip"])
def test_d7_two_windows_hold_side_by_side(configure, guess, now, rule):
    configure(RATE_LIMITS={"RULES": {"login": rule, "login_failed": ""}})
    minutes = []
    for _ in range(6):
        minutes.append([guess() for _ in range(6)].count(401))
        now.shift(timedelta(seconds=61))
    assert minutes == [5, 5, 5, 5, 0, 0]  # what the hour refuses uses up nothing of the minute, and the other way round
    now.shift(timedelta(hours=1))
    assert [guess() for _ in range(6)] == [401] * 5 + [429]
