"""Wrong codes are capped per person, whatever codes they were meant for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError

from customer_registration.exceptions import CodeAttemptsExceeded
from customer_registration.flows.challenges import person_of
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from customer_registration.ratelimits import GuessBudget
from customer_registration.ratelimits.engine import Counter
from customer_registration.ratelimits.guesses import clear_all_families

NOON = "2026-03-01T12:00:00Z"
JANE = "cus_jane"


def granted(times, person=JANE, family="verification"):
    """Try to guess so many times and return how many guesses were granted."""
    count = 0
    for _ in range(times):
        try:
            GuessBudget(family, person).spend()
        except CodeAttemptsExceeded:
            continue
        count += 1
    return count


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_ten_wrong_codes_a_day_and_the_next_must_wait(clock):
    assert granted(250) == 10


def test_past_the_day_one_is_left_every_fifteen_minutes(clock):
    granted(250)
    for _ in range(8):
        clock.shift(timedelta(minutes=15, seconds=1))
        assert granted(20) == 1


def test_a_new_day_is_a_new_burst(clock):
    granted(250)
    clock.shift(timedelta(days=1, seconds=1))
    assert granted(10) == 10


def test_never_more_than_a_hundred_in_thirty_days(clock):
    in_all = granted(250)
    for _ in range(30 * 24 * 4 - 60):
        clock.shift(timedelta(minutes=15))
        in_all += granted(2)
    assert in_all == 100
    clock.shift(timedelta(days=1))
    assert granted(1) == 1


def test_a_refused_guess_is_not_counted(clock):
    granted(250)
    clock.shift(timedelta(days=1, seconds=1))
    assert granted(250) >= 10  # the 240 refused ones would have used up the ceiling


def test_the_person_and_the_family_each_have_a_budget_of_their_own(clock):
    granted(250)
    assert granted(1, person="cus_eve") == 1
    assert granted(1, family="deletion") == 1


def test_a_guess_given_back_is_not_counted(clock):
    for _ in range(30):
        GuessBudget("verification", JANE).spend().give_back()
    assert granted(10) == 10


def test_proof_clears_the_whole_budget(clock):
    granted(250)
    GuessBudget("verification", JANE).clear()
    assert granted(10) == 10


def test_a_login_clears_every_family(clock):
    granted(250)
    clear_all_families(JANE)
    assert granted(10) == 10


def test_the_switch_turns_the_budget_off(configure):
    configure(RATE_LIMITS={"ENABLED": False})
    assert granted(50) == 50


def test_a_shorter_rule_leaves_the_later_limits_out(configure, clock):
    configure(RATE_LIMITS={"RULES": {"code_failed": "3/d/key"}})
    assert granted(20) == 3
    clock.shift(timedelta(minutes=16))
    assert granted(20) == 0


def test_threads_share_one_budget(configure):
    configure(RATE_LIMITS={"RULES": {"code_failed": "7/d/key"}})
    with ThreadPoolExecutor(24) as pool:
        assert sum(pool.map(lambda _: granted(5), range(24))) == 7


def test_who_comes_between_the_last_guess_of_the_day_and_its_wait_gets_none_more(clock, monkeypatch):
    """The tenth guess begins the first wait. Another that comes just before that would be the eleventh."""
    hit, between = Counter.hit, []

    def hit_and_let_another_in(counter):
        left = hit(counter)
        if left == 0 and counter.item.amount == 10 and not between:
            between.append(None)
            between.append(granted(1))
        return left

    assert granted(9) == 9
    monkeypatch.setattr(Counter, "hit", hit_and_let_another_in)
    assert granted(1) + between[1] == 1
    assert granted(20) == 0
    clock.shift(timedelta(minutes=15, seconds=1))
    assert granted(20) == 1


def test_a_guess_that_the_database_could_not_count_is_not_counted_here_either(
    api, configure, sign_up, send_code, monkeypatch
):
    """A serialisation failure or a lost connection: counters stay exact."""

    def fail(self, row_id, *, now):
        raise OperationalError("could not serialize access due to concurrent update")

    configure(RATE_LIMITS={"RULES": {"code_failed": "1/d/key"}})
    person = sign_up()
    flow = send_code(person)
    monkeypatch.setattr(OtpVerificationQuerySet, "spend_attempt", fail)
    answer = api.post("/store/customers/otp/verify", {"token": flow, "code": "000000"})
    assert answer.status_code == 503
    assert granted(1, person=person_of(person.email, "")) == 1


def test_another_code_buys_no_more_guesses(api, sign_up, send_code, clock):
    """Attacks C4 and C5: many codes for one person, five guesses each."""
    person, answers = sign_up(), []
    for _ in range(4):
        flow = send_code(person)
        answers += [
            api.post("/store/customers/otp/verify", {"token": flow, "code": "000000"}).json()["code"] for _ in range(5)
        ]
        clock.shift(timedelta(minutes=20))
    assert answers == ["otp_invalid"] * 10 + 2 * (["otp_invalid"] + ["otp_attempts_exceeded"] * 4)
