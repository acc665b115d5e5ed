"""POST /auth/customer/otp with the code just used to register: one login, within a minute."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.tokens import LoginToken
from tests.by_code import EXCEEDED, JANE, ME, UNHURRIED, ask, bring, refused
from tests.conftest import last_code, wrong

pytestmark = pytest.mark.life_cycle
CREATE = "/store/customers"


def registered(api):
    """Register by a code; return the registration token, the flow token and the code."""
    flow, code = ask(api, step="pre-register"), last_code(JANE)
    answer = bring(api, code, flow, step="register")
    assert answer.status_code == 200, answer.content
    return answer.json()["token"], flow, code


@pytest.mark.parametrize("with_token", [True, False])
def test_the_code_just_used_logs_in_once(api, with_token):
    token, flow, code = registered(api)
    person = api.post(CREATE, {}, token=token).json()["customer"]["id"]
    brought = flow if with_token else None
    answer = bring(api, code, brought, step="")
    assert answer.status_code == 200
    assert LoginToken.read(answer.json()["token"]).actor_id == person
    assert api.get(ME, token=answer.json()["token"]).status_code == 200
    for again in (flow, None):
        assert refused(bring(api, code, again, step=""))


def test_before_the_customer_exists_it_gives_an_actorless_token(api):
    _, flow, code = registered(api)
    answer = bring(api, code, flow, step="")
    assert answer.status_code == 200
    token = answer.json()["token"]
    assert LoginToken.read(token).actor_id == ""
    assert api.post(CREATE, {}, token=token).status_code == 200


@pytest.mark.parametrize("with_token", [True, False])
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_grant_is_good_for_sixty_seconds(api, seconds, with_token):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        _, flow, code = registered(api)
    with time_machine.travel(start + timedelta(seconds=60 + seconds), tick=False):
        answer = bring(api, code, flow if with_token else None, step="")
    assert answer.status_code == 200 if seconds < 0 else refused(answer)


def test_the_grant_outlives_the_codes_own_time(api):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        flow, code = ask(api, step="pre-register"), last_code(JANE)
    with time_machine.travel(start + timedelta(seconds=299), tick=False):
        assert bring(api, code, flow, step="register").status_code == 200
    with time_machine.travel(start + timedelta(seconds=340), tick=False):
        assert bring(api, code, flow, step="").status_code == 200


def test_the_grant_is_never_renewed(api):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        _, flow, code = registered(api)
    with time_machine.travel(start + timedelta(seconds=50), tick=False):
        assert refused(bring(api, code, flow, step="register"))
        assert bring(api, code, flow, step="").status_code == 200
        assert refused(bring(api, code, flow, step="register"))
    for seconds in (51, 61, 100):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert refused(bring(api, code, flow, step=""))


@pytest.mark.parametrize("with_token", [True, False])
def test_guesses_at_the_grant_spend_the_codes_own_attempts(api, with_token):
    flow = ask(api, step="pre-register")
    code, brought = last_code(JANE), flow if with_token else None
    for _ in range(3):
        assert refused(bring(api, wrong(code), brought, step="register"))
    assert bring(api, code, brought, step="register").status_code == 200
    for _ in range(2):
        assert refused(bring(api, wrong(code), brought, step=""))
    assert refused(bring(api, code, brought, step=""))


@pytest.mark.parametrize("with_token", [True, False])
def test_a_code_that_registered_at_the_last_guess_logs_in_all_the_same(api, with_token):
    flow = ask(api, step="pre-register")
    code, brought = last_code(JANE), flow if with_token else None
    for _ in range(4):
        assert refused(bring(api, wrong(code), brought, step="register"))
    assert bring(api, code, brought, step="register").status_code == 200
    assert bring(api, code, brought, step="").status_code == 200


def test_guesses_at_the_grant_count_for_the_day_too(api, configure):
    configure(OTP={"MAX_ATTEMPTS": 10})
    _, flow, code = registered(api)
    for _ in range(9):
        assert refused(bring(api, wrong(code), flow, step=""))
    assert refused(bring(api, wrong(code), step=""))
    answer = bring(api, code, step="")
    assert (answer.status_code, answer.json()["code"]) == (400, EXCEEDED)


@pytest.mark.parametrize("step", ["generate", "pre-register"])
def test_asking_for_another_code_leaves_the_grant(api, configure, step):
    configure(**UNHURRIED)
    _, flow, code = registered(api)
    ask(api, step=step)
    assert bring(api, code, flow, step="").status_code == 200


def test_a_login_code_of_those_sixty_seconds_works_beside_the_grant(api, configure):
    configure(**UNHURRIED)
    _, _, code = registered(api)
    ask(api)
    fresh = last_code(JANE)
    assert bring(api, fresh, step="").status_code == 200
    assert bring(api, code, step="").status_code == 200
    assert refused(bring(api, code, step=""))
    assert refused(bring(api, fresh, step=""))


def test_the_grant_dies_with_a_password_that_is_set(api):
    token, flow, code = registered(api)
    assert api.post("/store/customers", {}, token=token).status_code == 200
    bearer = api.post("/auth/token/refresh", token=token).json()["token"]
    assert api.post(f"{ME}/password", {"password": "a first password"}, token=bearer).status_code == 200
    assert refused(bring(api, code, flow, step=""))


def test_the_grant_of_somebody_deactivated_opens_nothing(api):
    _, flow, code = registered(api)
    get_user_model().objects.update(is_active=False)
    assert refused(bring(api, code, flow, step=""))


def test_the_grant_is_for_the_address_that_registered(api):
    _, flow, code = registered(api)
    for brought in (flow, None):
        assert refused(bring(api, code, brought, identifier="other@example.com", step=""))
