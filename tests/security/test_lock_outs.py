"""Rows C14 and D8 of ``security.md``: failures slow a stranger down, and never lock the owner out."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from customer_registration.models import Customer
from customer_registration.ratelimits.rules import DEFAULT_RULES, limits_of
from tests.by_code import UNHURRIED, url
from tests.conftest import PASSWORD, link_token, messages_to

pytestmark = pytest.mark.life_cycle

LOGIN, TWO_STEPS, ME = "/auth/customer/emailpass", "/store/auth", "/store/customers/me"
RESET, REGISTER = f"{LOGIN}/reset-password", f"{LOGIN}/register"
CANCEL = "/store/customers/account-deletion"
JANE, NEW = "jane@example.com", "another battery staple"
WRONG = {"email": JANE, "password": "wrong password"}
CODE = {"identifier": JANE, "otp": "000000"}


def guess_with_token(step, proof):
    """Return an act that asks for a code and guesses at it."""

    def act(stranger):
        flow = stranger.post(url(step), {"identifier": JANE}).json().get("token", "a.b.c")
        for _ in range(3):
            stranger.post(url(proof), CODE | {"token": flow})

    return act


def guess_without_token(stranger):
    stranger.post(url("generate"), {"identifier": JANE})
    for _ in range(3):
        stranger.post(url("verify"), CODE)


def guess_to_stay(stranger):
    flow = stranger.post(f"{CANCEL}/cancel-request", {"email": JANE}).json().get("token", "a.b.c")
    stranger.post(f"{CANCEL}/cancel-confirm", {"token": flow, "code": "000000"})


HAMMERS = {
    "passwords": lambda stranger: stranger.post(LOGIN, WRONG),
    "passwords of the two steps": lambda stranger: stranger.post(TWO_STEPS, WRONG),
    "codes of the two steps": lambda stranger: stranger.post(f"{TWO_STEPS}/otp", {"email": JANE, "otp": "000000"}),
    "resets": lambda stranger: stranger.post(RESET, {"identifier": JANE}),
    "reset tokens": lambda stranger: stranger.post(f"{LOGIN}/update", {"password": NEW, "token": "a.b.c"}),
    "registrations": lambda stranger: stranger.post(REGISTER, WRONG),
    "codes to log in": lambda stranger: stranger.post(url("generate"), {"identifier": JANE}),
    "guesses without a token": guess_without_token,
    "guesses with one": guess_with_token("generate", "verify"),
    "codes to register": guess_with_token("pre-register", "register"),
    "codes to stay": guess_to_stay,
}


@pytest.fixture
def hammer(api):
    """Let a stranger act from so many addresses, each once."""

    def run(act, times, network="10"):
        stranger = api.another()
        for number in range(times):
            stranger.client.defaults["REMOTE_ADDR"] = f"{network}.{number // 250}.{number % 250}.1"
            act(stranger)

    return run


def comes_in(api, password=PASSWORD):
    """Whether the owner gets in from where they are."""
    return api.post(LOGIN, {"email": JANE, "password": password}).status_code == 200


def resets(api):
    """Whether the newest link in the owner's mailbox, whoever asked for it, lets them set a password that works."""
    api.post(RESET, {"identifier": JANE})
    answer = api.post(f"{LOGIN}/update", {"password": NEW}, token=link_token(JANE))
    return answer.status_code == 200 and comes_in(api, NEW)


def test_c14_a_thousand_failures_from_a_thousand_addresses_keep_nobody_out(api, verified, hammer):
    verified()
    hammer(HAMMERS["passwords"], 1000)
    assert comes_in(api)
    assert resets(api)


@pytest.mark.parametrize("road", [road for road in HAMMERS if road != "passwords"])
@pytest.mark.parametrize("waits", [True, False], ids=["throttles on", "throttles off"])
def test_c14_nor_does_any_other_public_road(api, verified, hammer, configure, road, waits):
    if not waits:
        rules = {name: DEFAULT_RULES[name] for name in ("code_send", "register", "login")}
        configure(**UNHURRIED | {"RATE_LIMITS": {"RULES": rules}}, PASSWORD_RESET={"RESEND_THROTTLE_SECONDS": 0})
    verified()
    hammer(HAMMERS[road], 30)
    assert comes_in(api)
    hammer(HAMMERS[road], 10, network="11")
    assert resets(api)


def test_c14_all_of_them_together_over_a_day_do_not_either(api, verified, hammer):
    verified()
    start = timezone.now()
    for hours in range(0, 24, 6):
        with time_machine.travel(start + timedelta(hours=hours)):
            for act in HAMMERS.values():
                hammer(act, 3, network=f"1{hours}")
            assert comes_in(api), hours


def test_c14_customers_who_want_the_address_for_themselves_do_not_either(api, verified, configure):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    verified()
    for number in range(12):
        elsewhere = api.another(REMOTE_ADDR=f"10.0.{number}.1")
        _, bearer = verified(f"eve{number}@example.com")
        asked = elsewhere.post(f"{ME}/contact", {"email": JANE}, token=bearer)
        if asked.status_code == 200:
            proof = {"token": asked.json()["token"], "code": "000000"}
            elsewhere.post(f"{ME}/contact/verify", proof, token=bearer)
    assert comes_in(api)
    assert resets(api)


def test_c14_an_address_that_strangers_register_again_and_again_is_its_owners_by_a_reset(api, register):
    """Each claim is fresh for a quarter of an hour, and a stranger is quicker each time it lapses."""
    start = timezone.now()
    for number in range(4):
        with time_machine.travel(start + timedelta(minutes=16 * number)):
            api.client.defaults["REMOTE_ADDR"] = f"10.0.{number}.1"
            register(JANE, f"a stranger's number {number}")
            api.client.defaults["REMOTE_ADDR"] = "127.0.0.1"
            assert api.post(REGISTER, {"email": JANE, "password": PASSWORD}).status_code == 401
    with time_machine.travel(start + timedelta(minutes=50)):
        assert resets(api)
        assert not comes_in(api, "a stranger's number 3")


@pytest.mark.parametrize("road", ["resets", "codes to log in"])
def test_c14_past_the_caps_of_a_recipient_the_password_is_left_until_the_day_is_over(api, verified, hammer, road):
    """What the contract lets a stranger use up: five messages an hour and ten a day to one address, of each rule."""
    verified()
    start = timezone.now()
    for minutes in range(0, 180, 3):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            hammer(HAMMERS[road], 2)
    mail.outbox.clear()
    with time_machine.travel(start + timedelta(hours=4), tick=False):
        api.post(RESET, {"identifier": JANE})
        api.post(url("generate"), {"identifier": JANE})
        assert len(messages_to(JANE)) == 1  # of the other rule: neither road closes both
        assert comes_in(api)
    with time_machine.travel(start + timedelta(days=1, minutes=1), tick=False):
        assert resets(api)


# Row D8.


def test_d8_an_account_has_no_lock_of_its_own():
    for rule in ("login", "login_failed", "register"):
        assert {limit.scope for limit in limits_of(rule)} <= {"ip", "key+ip"}


def test_d8_the_pair_and_the_address_count(api, verified):
    verified()
    verified("joe@example.com")
    here, there = api.another(REMOTE_ADDR="192.0.2.1"), api.another(REMOTE_ADDR="192.0.2.2")
    joe = {"email": "joe@example.com", "password": PASSWORD}
    assert [here.post(LOGIN, WRONG).status_code for _ in range(6)] == [401] * 5 + [429]
    assert not comes_in(here)
    assert here.post(LOGIN, joe).status_code == 200  # somebody else from there
    assert comes_in(there)  # the owner from elsewhere
    spread = [here.post(LOGIN, WRONG | {"email": f"{number}@example.com"}).status_code for number in range(6)]
    assert spread == [401] * 5 + [429]
    assert here.post(LOGIN, joe).status_code == 429  # the address has had its ten
    assert there.post(LOGIN, joe).status_code == 200


NEIGHBOURS = {
    "one address": ({}, {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.1"}),
    "one /64": ({}, {"REMOTE_ADDR": "2001:db8:1:2::1"}, {"REMOTE_ADDR": "2001:db8:1:2:ffff::2"}),
    "one client of a proxy": (
        {"TRUSTED_PROXIES": 1},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"},
    ),
    "a proxy that nobody has named": (
        {},
        {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "203.0.113.10"},
    ),
}


@pytest.mark.parametrize("shared", NEIGHBOURS)
def test_d8_a_stranger_beside_the_owner_slows_them_down_for_five_minutes(api, verified, configure, shared):
    options, strangers, owners = NEIGHBOURS[shared]
    configure(RATE_LIMITS=options)
    verified()
    stranger, owner = api.another(**strangers), api.another(**owners)
    for _ in range(10):
        stranger.post(LOGIN, WRONG)
    assert not comes_in(owner)
    assert resets_elsewhere(owner)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert comes_in(owner, NEW)


def resets_elsewhere(owner):
    """Whether a mailed link works from an address whose logins are refused."""
    owner.post(RESET, {"identifier": JANE})
    return owner.post(f"{LOGIN}/update", {"password": NEW}, token=link_token(JANE)).status_code == 200


@pytest.mark.parametrize(
    ("options", "strangers", "owners"),
    [
        ({}, {"REMOTE_ADDR": "2001:db8:1:2::1"}, {"REMOTE_ADDR": "2001:db8:1:3::1"}),
        ({"TRUSTED_PROXIES": 1}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.10"}),
    ],
    ids=["another /64", "another client of the proxy"],
)
def test_d8_one_behind_another_address_does_not(api, verified, configure, options, strangers, owners):
    configure(RATE_LIMITS=options)
    verified()
    stranger = api.another(**strangers)
    for _ in range(20):
        stranger.post(LOGIN, WRONG)
    assert comes_in(api.another(**owners))
    assert Customer.objects.get().user.is_active
