"""manage.py unlock_customer: what strangers have used up of somebody's guesses and sends is given back."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from customer_registration.exceptions import CodeAttemptsExceeded, LimiterUnavailable
from customer_registration.flows import challenges
from customer_registration.flows.passwordless import two_step
from customer_registration.flows.second_factor import proofs
from customer_registration.models import AccountEvent
from customer_registration.ratelimits import GuessBudget
from tests.conftest import last_code, wrong

JANE = "jane@example.com"
GENERATE, VERIFY = "/auth/customer/otp/generate", "/auth/customer/otp/verify"

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def unlock(customer_id):
    """Run the command and return what it says."""
    out = io.StringIO()
    call_command("unlock_customer", customer_id, stdout=out)
    return out.getvalue()


@pytest.fixture
def in_two_days(verified):
    """Return Jane, whose sign-up counts on no limit any more."""
    person, _ = verified(JANE)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False) as clock:
        yield person, clock


@pytest.fixture
def ask(api, in_two_days):
    """Ask for a code to log in with; return the answer."""

    def run():
        in_two_days[1].shift(timedelta(minutes=2))  # the resend throttle
        return api.another(REMOTE_ADDR="192.0.2.9").post(GENERATE, {"identifier": JANE})

    return run


@pytest.fixture
def bring(api):
    """Bring a code; return its error code, or ``None`` where it logs in."""

    def run(code):
        return api.another().post(VERIFY, {"identifier": JANE, "otp": code}).json().get("code")

    return run


def test_ten_wrong_codes_of_strangers_are_forgotten(in_two_days, ask, bring):
    for _ in range(2):
        ask()
        for _ in range(5):
            bring(wrong(last_code(JANE)))
    ask()
    assert bring(last_code(JANE)) == "otp_attempts_exceeded"
    assert "has every guess and send again" in unlock(in_two_days[0].id)
    assert bring(last_code(JANE)) is None


def test_so_are_the_sends_of_the_hour(in_two_days, ask):
    assert [ask().status_code for _ in range(6)] == [200] * 5 + [429]
    unlock(in_two_days[0].id)
    assert ask().status_code == 200


@pytest.mark.parametrize("behind", ["second factor", "two steps"])
def test_so_are_the_guesses_behind_a_password(in_two_days, behind):
    person = in_two_days[0]
    of_steps = GuessBudget(two_step.FAMILY, challenges.person_of(JANE, ""))
    budget = proofs.budget_of(person.id) if behind == "second factor" else of_steps
    for _ in range(10):
        budget.spend()
    with pytest.raises(CodeAttemptsExceeded):
        budget.spend()
    unlock(person.id)
    budget.spend()


def test_a_code_that_has_had_its_guesses_stays_dead(in_two_days, ask, bring):
    ask()
    code = last_code(JANE)
    for _ in range(5):
        bring(wrong(code))
    unlock(in_two_days[0].id)
    assert bring(code) == "otp_invalid"


def test_it_is_audited(in_two_days):
    unlock(in_two_days[0].id)
    event = AccountEvent.objects.get(kind="customer_unlocked")
    assert (event.customer_ref, event.detail) == (in_two_days[0].id, {"by": "unlock_customer"})


@pytest.mark.parametrize("text", ["JANE@example.com", "Jane Doe <jane@example.com>"])
def test_support_may_name_the_contact(in_two_days, text):
    assert unlock(text).startswith(in_two_days[0].id)


def test_nobody_is_an_error(db):
    with pytest.raises(CommandError, match="There is no customer cus_nobody"):
        unlock("cus_nobody")


def test_without_counters_it_says_so_and_audits_nothing(in_two_days, monkeypatch):
    def down(self):
        raise LimiterUnavailable

    monkeypatch.setattr("customer_registration.ratelimits.GuessBudget.clear", down)
    with pytest.raises(CommandError, match="store is down"):
        unlock(in_two_days[0].id)
    assert not AccountEvent.objects.filter(kind="customer_unlocked").exists()
