"""SQL statements of codes by identifier, exactly: within the bounds of issue 6, and alike for known and unknown."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import OtpVerification
from tests import by_code
from tests.by_code import JANE, UNHURRIED, url
from tests.conftest import PASSWORD, new_user, wrong

pytestmark = pytest.mark.life_cycle
NOBODY = "nobody@example.com"
USERS_PHONE = int(hasattr(get_user_model(), "phone"))


@pytest.fixture(autouse=True)
def nobody_waits(configure):
    """Let as many codes be asked for as a test likes."""
    configure(**UNHURRIED)


@pytest.fixture
def messages_stay_queued(monkeypatch):
    """As with a broker: the request publishes a task and delivers nothing."""
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)


@pytest.fixture
def jane(verified, request):
    """Return Jane, whose codes are delivered no more from now on."""
    person = verified()
    request.getfixturevalue("messages_stay_queued")
    return person


def newest_code():
    return OtpVerification.objects.latest("pk").code()


def asking(cost, step, name, actor="customer"):
    return cost(url(step, actor), {"identifier": name})


def test_generate_costs_the_same_for_known_and_unknown(cost, jane):
    names = (JANE, NOBODY, "+12025550123")
    first = [asking(cost, "generate", name) for name in names]
    again = [asking(cost, "generate", name) for name in names]
    assert (first, again) == ([5, 5, 5], [4, 4, 4])  # the first of a person makes their throttle


def test_generate_inside_the_throttle_costs_the_same_too(api, configure, cost, jane):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 90})
    for name in (JANE, NOBODY):
        api.post(url("generate"), {"identifier": name})
    assert len({cost(url("generate"), {"identifier": name}, status=429) for name in (JANE, NOBODY)}) == 1


def test_pre_register_costs_the_same_for_free_and_taken(cost, jane, register):
    register("claimed@example.com")
    names = (JANE, NOBODY, "claimed@example.com", "+12025550123")
    first = [asking(cost, "pre-register", name) for name in names]
    again = [asking(cost, "pre-register", name) for name in names]
    assert (first, again) == ([5, 5, 5, 5], [4, 4, 4, 4])


@pytest.mark.parametrize("step", ["verify", ""])
@pytest.mark.parametrize("with_token", [True, False])
def test_a_wrong_code_costs_the_same_for_known_and_unknown(api, cost, jane, step, with_token):
    costs = []
    for name in (JANE, NOBODY):
        flow = by_code.ask(api, name)
        body = {"identifier": name, "otp": wrong(newest_code())} | ({"token": flow} if with_token else {})
        costs.append([cost(url(step), body, status=400) for _ in range(6)])
    assert costs[0] == costs[1]
    assert max(costs[0]) <= 3


def test_a_code_where_none_was_asked_for_costs_the_same_too(cost, jane):
    costs = {cost(url("verify"), {"identifier": name, "otp": "123456"}, status=400) for name in (JANE, NOBODY)}
    assert len(costs) == 1


@pytest.mark.parametrize("step", ["verify", ""])
@pytest.mark.parametrize("with_token", [True, False])
def test_a_login_costs_seven_at_most(api, cost, jane, step, with_token):
    flow = by_code.ask(api)
    body = {"identifier": JANE, "otp": newest_code()} | ({"token": flow} if with_token else {})
    assert cost(url(step), body) <= 7


@pytest.mark.parametrize("with_token", [True, False])
def test_a_registration_costs_seven_at_most(api, cost, messages_stay_queued, with_token):
    flow = by_code.ask(api, step="pre-register")
    body = {"identifier": JANE, "otp": newest_code()} | ({"token": flow} if with_token else {})
    assert cost(url("register"), body) <= 7 + USERS_PHONE


def test_a_wrong_code_to_register_with_costs_the_same_for_free_and_taken(api, cost, jane):
    costs = []
    for name in (JANE, NOBODY):
        flow = by_code.ask(api, name, "pre-register")
        body = {"identifier": name, "otp": wrong(newest_code()), "token": flow}
        costs.append([cost(url("register"), body, status=400) for _ in range(6)])
    assert costs[0] == costs[1]


@pytest.mark.parametrize("step", ["verify", ""])
@pytest.mark.parametrize("with_token", [True, False])
@pytest.mark.parametrize("finished", [True, False], ids=["a customer", "an identity"])
def test_a_first_proof_costs_seven_too(api, cost, sign_up, register, messages_stay_queued, step, with_token, finished):
    (sign_up if finished else register)()
    flow = by_code.ask(api)
    body = {"identifier": JANE, "otp": newest_code()} | ({"token": flow} if with_token else {})
    assert cost(url(step), body) <= 7


def test_staff_cost_the_same_as_nobody(api, cost, messages_stay_queued):
    new_user("boss", "boss@example.com", is_staff=True)
    new_user("shopper", "shopper@example.com")
    names = ("boss@example.com", "shopper@example.com", NOBODY)
    for step in ("generate", "pre-register"):
        costs = {asking(cost, step, name, "user") for name in names}
        assert len(costs) == 1
        assert max(costs) <= 5
    costs = []
    for name in names:
        by_code.ask(api, name, actor="user")
        body = {"identifier": name, "otp": wrong(newest_code())}
        costs.append([cost(url(step, "user"), body, status=400) for step in ("verify", "", "register")])
    assert costs[0] == costs[1] == costs[2]


def test_two_steps(api, cost, jane):
    body = {"email": JANE, "password": PASSWORD}
    assert cost("/store/auth", body) <= 7
    assert cost("/store/auth", {**body, "password": "wrong password"}, status=401) == 1
    assert cost("/store/auth", {**body, "email": NOBODY}, status=401) == 1
    code = newest_code()
    wrongly = [cost("/store/auth/otp", {"email": name, "otp": wrong(code)}, status=400) for name in (JANE, NOBODY)]
    assert wrongly[0] == wrongly[1]


def test_fifty_older_codes_make_a_guess_no_dearer(api, cost, jane):
    start = timezone.now()
    for number in range(50):
        with time_machine.travel(start + timedelta(seconds=number)):
            flow = by_code.ask(api)
    with time_machine.travel(start + timedelta(seconds=50)):
        one_flow = cost(url("verify"), {"identifier": NOBODY, "otp": "123456"}, status=400)
        body = {"identifier": JANE, "otp": wrong(newest_code())}
        assert cost(url("verify"), body, status=400) == one_flow
        assert cost(url("verify"), {**body, "token": flow}, status=400) == one_flow
