"""Rows C1 to C14 of ``security.md`` on codes by identifier: guesses, flows, purposes, and where a code may stand."""

import hashlib
import logging
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from customer_registration.codes import derivation
from customer_registration.models import OtpVerification
from customer_registration.signals import message_queued
from tests.by_code import EXCEEDED, INVALID, JANE, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, wrong

pytestmark = pytest.mark.life_cycle
LOGIN = "/auth/customer/emailpass"
STEPS = [("generate", "verify"), ("pre-register", "register")]


@pytest.fixture
def compares(monkeypatch):
    """Return the codes that were compared."""
    seen = []

    def spy(one, other):
        seen.append(other)
        return constant_time_compare(one, other)

    monkeypatch.setattr(derivation, "constant_time_compare", spy)
    return seen


@pytest.mark.parametrize(("step", "proof"), STEPS)
@pytest.mark.parametrize("with_token", [True, False])
def test_c4_fifty_flows_on_one_address_are_ten_compares_a_day(
    api, configure, verified, compares, step, proof, with_token
):
    configure(**UNHURRIED)
    if step == "generate":
        verified()
    compares.clear()
    start, answers = timezone.now(), []
    for number in range(50):
        with time_machine.travel(start + timedelta(seconds=number), tick=False):
            flow = ask(api, step=step)
            code = wrong(last_code(JANE))
            answers += [bring(api, code, flow if with_token else None, step=proof) for _ in range(5)]
    assert len(compares) == 10
    assert [answer.json() for answer in answers[:10]] == [INVALID] * 10
    assert {answer.json()["code"] for answer in answers[10:]} == {EXCEEDED}
    for minutes in (17, 34):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            flow = ask(api, step=step)
            for _ in range(5):
                bring(api, wrong(last_code(JANE)), flow, step=proof)
    assert len(compares) == 12


def test_c4_one_month_is_a_hundred_compares(api, configure, verified, compares):
    configure(**UNHURRIED, OTP={"MAX_ATTEMPTS": 10})
    verified()
    compares.clear()
    start = timezone.now()
    for day in range(14):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            flow = ask(api)
            for _ in range(11):
                bring(api, wrong(last_code(JANE)), flow)
    assert len(compares) == 100


def test_c8_a_flow_token_of_another_purpose_names_no_code(api, configure, verified, sign_up, send_code):
    """One address, one code each: the flow token of one with the code of the other, at every road."""
    configure(**UNHURRIED)
    person = sign_up()
    proofs = {"verification": (send_code(person), last_code(JANE)), "login": (ask(api), last_code(JANE))}
    for flow, _ in proofs.values():
        for _, code in proofs.values():
            if (flow, code) != proofs["login"]:
                assert refused(bring(api, code, flow))
    crossed = {"token": proofs["login"][0], "code": proofs["verification"][1]}
    assert api.post("/store/customers/otp/verify", crossed).status_code == 401
    assert refused(bring(api, proofs["verification"][1]))
    assert bring(api, proofs["login"][1], proofs["login"][0]).status_code == 200


def test_c10_codes_for_an_address_die_when_it_is_replaced(api, verified, change_contact):
    _, token = verified()
    flow, code = ask(api), last_code(JANE)
    change_contact(token, email="new@example.com")
    for brought in (flow, None):
        assert refused(bring(api, code, brought))
        assert refused(bring(api, code, brought, identifier="new@example.com"))
    assert not OtpVerification.objects.usable(timezone.now()).filter(destination=JANE, purpose="code_login").exists()


@pytest.mark.parametrize(("step", "proof"), [*STEPS, ("generate", "")])
def test_c11_the_code_is_in_the_message_alone(api, verified, hear, caplog, step, proof):
    if step == "generate":
        verified()
    tasks = hear(message_queued)
    with caplog.at_level(logging.DEBUG):
        answers = [api.post(url(step), {"identifier": JANE})]
        code, flow = last_code(JANE), answers[0].json()["token"]
        answers += [bring(api, wrong(code), flow, step=proof), bring(api, code, flow, step=proof)]
    assert [answer.status_code for answer in answers] == [200, 400, 200]
    said = [f"{answer.content!r} {dict(answer.headers)}" for answer in answers] + [str(tasks)]
    said += [record.getMessage() for record in caplog.records if "django.db" not in record.name]
    assert not [text for text in said if code in text]
    assert not [text for text in said if JANE in text]


@pytest.mark.parametrize("step", ["generate", "pre-register", "two steps"])
def test_c12_no_column_of_any_table_holds_the_code_or_its_hash(api, verified, step):
    if step != "pre-register":
        verified()
    if step == "two steps":
        assert api.post("/store/auth", {"email": JANE, "password": PASSWORD}).status_code == 200
    else:
        ask(api, step=step)
    code = last_code(JANE)
    hidden = [code, *(hashlib.new(name, code.encode()).hexdigest() for name in ("sha256", "sha1", "md5"))]
    ours = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label != "inbox"]
    cells = [str(value) for model in ours for row in model._default_manager.values_list() for value in row]
    assert len(cells) > 20
    # A number of a time may have the same digits; what is stored of a code would be a cell, or in a text.
    assert not [cell for cell in cells for secret in hidden if secret in cell and not cell.startswith("20")]


@pytest.mark.parametrize(("step", "proof"), STEPS)
def test_c13_a_code_is_compared_in_constant_time_and_once(api, verified, compares, step, proof):
    if step == "generate":
        verified()
    flow, code = ask(api, step=step), last_code(JANE)
    compares.clear()
    bring(api, wrong(code), flow, step=proof)
    bring(api, wrong(code), step=proof)
    assert compares == [wrong(code)] * 2


def test_c14_a_stranger_who_fails_all_day_locks_nobody_out(api, configure, verified, reset_link):
    configure(**UNHURRIED)
    verified()
    strangers = [api.another(REMOTE_ADDR=f"192.0.2.{number}") for number in range(20)]
    for stranger in strangers:
        for _ in range(5):
            bring(stranger, "000000")
            bring(stranger, "000000", ask(stranger))
    assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 200
    assert api.post(f"{LOGIN}/update", {"password": "another battery staple"}, token=reset_link()).status_code == 200
