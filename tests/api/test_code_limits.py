"""Throttles, limits and guesses of codes by identifier: whoever asks or guesses, known or not."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from customer_registration.models import OtpVerification
from tests.by_code import EXCEEDED, JANE, PHONE, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, wrong

pytestmark = pytest.mark.django_db
NOBODY = "nobody@example.com"
STEPS = [("generate", "verify"), ("pre-register", "register")]


@pytest.mark.parametrize("step", ["generate", "pre-register"])
@pytest.mark.parametrize("kind", ["email", "phone"])
def test_the_throttle_is_that_of_verifying_the_channel(api, configure, step, kind):
    configure(REGISTRATION={"IDENTIFIER": kind})
    name, seconds = (JANE, 90) if kind == "email" else (PHONE, 60)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        ask(api, name, step)
        answer = api.post(url(step), {"identifier": name})
    assert (answer.status_code, answer.json()["type"], answer.json()["code"]) == (
        429,
        "too_many_requests",
        "throttled",
    )
    assert int(answer.headers["Retry-After"]) == seconds
    for later, status in ((seconds - 1, 429), (seconds, 200)):
        with time_machine.travel(start + timedelta(seconds=later), tick=False):
            assert api.post(url(step), {"identifier": name}).status_code == status


def test_the_throttle_follows_its_setting_and_none_is_none(api, verified, configure):
    verified()
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    assert [api.post(url("generate"), {"identifier": JANE}).status_code for _ in range(2)] == [200, 200]


def test_the_throttles_of_purposes_are_separate(api, sign_up, send_code):
    send_code(sign_up())
    for step in ("generate", "pre-register"):
        assert api.post(url(step), {"identifier": JANE}).status_code == 200
        assert api.post(url(step), {"identifier": JANE}).status_code == 429


@pytest.mark.parametrize("name", [JANE, NOBODY])
def test_all_codes_to_one_address_share_the_hours_five(api, verified, configure, name):
    verified()  # one verification code to Jane
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    used = 1 if name == JANE else 0
    steps = (["generate", "pre-register"] * 3)[: 5 - used]
    assert [api.post(url(step), {"identifier": name}).status_code for step in steps] == [200] * (5 - used)
    for step in ("generate", "pre-register"):
        answer = api.post(url(step), {"identifier": name})
        assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
        assert int(answer.headers["Retry-After"]) >= 1


def test_a_spelling_is_no_way_around(api, verified):
    verified()
    spellings = (JANE, "JANE@example.com", " Jane@EXAMPLE.com ", "ｊane@example.com")
    assert [api.post(url("generate"), {"identifier": name}).status_code for name in spellings] == [200, 429, 429, 429]


@pytest.mark.parametrize(("step", "proof"), STEPS)
@pytest.mark.parametrize("with_token", [True, False])
def test_c2_after_the_guesses_the_right_code_is_refused_too(api, verified, step, proof, with_token):
    if step == "generate":
        verified()
    flow = ask(api, step=step)
    code = last_code(JANE)
    guess_by = flow if with_token else None
    for typed in [wrong(code)] * 5 + [code]:
        assert refused(bring(api.another(), typed, guess_by, step=proof))


@pytest.mark.parametrize(("step", "proof"), STEPS)
@pytest.mark.parametrize("with_token", [True, False])
def test_a_stranger_cannot_burn_the_owners_guesses(api, verified, step, proof, with_token):
    """Two counters: of who holds the flow token, and of who names the address alone."""
    if step == "generate":
        verified()
    flow = ask(api, step=step)
    code = last_code(JANE)
    burnt, owners = (flow, None) if with_token else (None, flow)
    for _ in range(6):
        assert refused(bring(api, wrong(code), burnt, step=proof))
    assert bring(api, code, owners, step=proof).status_code == 200


def test_a_guess_is_counted_by_the_counter_of_its_road(api, verified):
    verified()
    flow, code = ask(api), last_code(JANE)
    bring(api, wrong(code), flow)
    bring(api, wrong(code))
    bring(api, wrong(code))
    row = OtpVerification.objects.get(purpose="code_login")
    assert (row.attempts, row.attempts_open) == (1, 2)


def test_the_guesses_follow_their_setting(api, verified, configure):
    configure(OTP={"MAX_ATTEMPTS": 2})
    verified()
    flow, code = ask(api), last_code(JANE)
    for _ in range(2):
        assert refused(bring(api, wrong(code), flow))
    assert refused(bring(api, code, flow))


def test_guesses_without_a_token_are_at_the_newest_code(api, verified, configure):
    configure(**UNHURRIED)
    verified()
    first, first_code = ask(api), last_code(JANE)
    ask(api)
    for _ in range(5):
        assert refused(bring(api, wrong(last_code(JANE))))
    assert refused(bring(api, first_code))
    older, newest = OtpVerification.objects.filter(purpose="code_login").order_by("pk")
    assert (older.attempts_open, newest.attempts_open) == (0, 5)
    assert bring(api, first_code, first).status_code == 200


@pytest.fixture
def ten_wrong(api, verified, configure):
    """Let ten wrong codes be entered for an address; return the flow that they were entered in."""

    def run(name=JANE, step="generate", proof="verify"):
        flow = ask(api, name, step)
        code = OtpVerification.objects.latest("pk").code()
        for _ in range(10):
            assert refused(bring(api, wrong(code), flow, identifier=name, step=proof))
        return flow

    configure(**UNHURRIED, OTP={"MAX_ATTEMPTS": 10})
    return run


def exceeded(answer):
    return (answer.status_code, answer.json()["type"], answer.json()["code"]) == (400, "invalid_data", EXCEEDED)


@pytest.mark.parametrize("known", [True, False])
def test_past_the_days_ten_the_right_code_is_refused_whoever_asks(api, verified, ten_wrong, known):
    if known:
        verified()
    name = JANE if known else NOBODY
    ten_wrong(name)
    flow = ask(api, name)
    code = OtpVerification.objects.latest("pk").code()
    for typed in (wrong(code), code):
        for device in (api, api.another(REMOTE_ADDR="192.0.2.7")):
            assert exceeded(bring(device, typed, flow, identifier=name))
            assert exceeded(bring(device, typed, identifier=name))


def test_past_the_ten_there_is_one_guess_a_quarter_of_an_hour(api, verified, ten_wrong):
    verified()
    ten_wrong()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        flow, code = ask(api), last_code(JANE)
        assert refused(bring(api, wrong(code), flow))
        assert exceeded(bring(api, code, flow))
    with time_machine.travel(timezone.now() + timedelta(minutes=32)):
        flow = ask(api)
        assert bring(api, last_code(JANE), flow).status_code == 200
        ten_wrong()  # the success has cleared the day


def test_a_password_login_clears_the_days_ten(api, verified, ten_wrong):
    verified()
    ten_wrong()
    flow, code = ask(api), last_code(JANE)
    assert exceeded(bring(api, code, flow))
    assert api.post("/auth/customer/emailpass", {"email": JANE, "password": PASSWORD}).status_code == 200
    assert bring(api, code, flow).status_code == 200


def test_c14_past_the_ten_a_mailed_link_still_gets_the_owner_in(api, verified, ten_wrong, reset_link):
    verified()
    ten_wrong()
    link = reset_link()
    answer = api.post("/auth/customer/emailpass/update", {"password": "another battery staple"}, token=link)
    assert answer.status_code == 200
    body = {"email": JANE, "password": "another battery staple"}
    assert api.post("/auth/customer/emailpass", body).status_code == 200


def test_registering_has_its_days_ten_too(api, ten_wrong):
    ten_wrong(step="pre-register", proof="register")
    flow = ask(api, step="pre-register")
    assert exceeded(bring(api, last_code(JANE), flow, step="register"))
    assert exceeded(bring(api, last_code(JANE), step="register"))


def test_wrong_verification_codes_are_another_familys(api, sign_up, send_code, ten_wrong):
    person = sign_up()
    verification = send_code(person)
    proof = {"token": verification, "code": last_code(JANE)}
    ten_wrong()
    assert api.post("/store/customers/otp/verify", proof).status_code == 200


@pytest.mark.parametrize("step", ["verify", "register", ""])
def test_guesses_at_what_was_never_sent_are_counted_like_any(api, step):
    """Where no code is live there is none to compare with; whether one is must not be told by the eleventh guess."""
    for _ in range(3):
        assert refused(bring(api, "123456", identifier=NOBODY, step=step))
    ask(api, NOBODY, "pre-register" if step == "register" else "generate")
    assert refused(bring(api, "123456", identifier=NOBODY, step=step))
