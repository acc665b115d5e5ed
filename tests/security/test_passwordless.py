"""Attacks of ``security.md`` on codes by identifier: look-alikes, claims, lock-outs, dead accounts, limits."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, SendSlot
from customer_registration.tokens import LoginToken
from tests import by_code
from tests.by_code import JANE, PHONE, UNHURRIED, ask, bring, refused, url
from tests.conftest import PASSWORD, last_code, new_user, wrong

pytestmark = pytest.mark.life_cycle
LOGIN = "/auth/customer/emailpass"
STEPS = [("generate", "verify"), ("pre-register", "register")]


# Identity, look-up, enumeration.


@pytest.mark.parametrize(
    "name", ["mıke@example.com", "mike@example.com\u200b", "mike@ехample.com", "mi\u212ae@example.com"]
)
@pytest.mark.parametrize("actor", ["customer", "user"])
def test_a1_a_look_alike_gets_no_message_and_no_account(api, verified, name, actor):
    if actor == "customer":
        verified("mike@example.com")
    else:
        new_user("mike", "mike@example.com", is_staff=True)
    sent = len(mail.outbox)
    api.post(url("generate", actor), {"identifier": name})
    assert {address for message in mail.outbox[sent:] for address in message.to} <= {"mike@example.com"}


@pytest.mark.parametrize(
    "name", ["mi\u212ae@example.com", "ＭＩＫＥ@example.com", "MIKE@EXAMPLE.COM", " mike@example.com "]
)
def test_a2_other_spellings_of_an_address_are_that_address(api, configure, verified, name):
    configure(**UNHURRIED)
    person, _ = verified("mike@example.com")
    flow = ask(api, name)
    assert mail.outbox[-1].to == ["mike@example.com"]
    answer = bring(api, last_code("mike@example.com"), flow, identifier=name)
    assert LoginToken.read(answer.json()["token"]).actor_id == person.id
    sent = len(mail.outbox)
    ask(api, name, "pre-register")
    assert len(mail.outbox) == sent


def test_a3_guesses_in_six_spellings_count_as_six(api, verified):
    verified()
    ask(api)
    code = last_code(JANE)
    for name in (JANE, "JANE@example.com", "jane@EXAMPLE.com", " Jane@example.com", "ｊane@example.com"):
        assert refused(bring(api, wrong(code), identifier=name))
    assert refused(bring(api, code))


def test_a13_spellings_of_a_number_are_one_account(api, configure):
    configure(REGISTRATION={"IDENTIFIER": "phone"}, **UNHURRIED)
    person = by_code.sign_up(api, PHONE)
    for name in ("+1 202 555 0123", "+1-202-555-0123", "(202) 555-0123", "2025550123", "+1.202.555.0123"):
        flow = ask(api, name)
        answer = bring(api, last_code(PHONE), flow, identifier=name)
        assert LoginToken.read(answer.json()["token"]).actor_id == person
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(("step", "proof"), [*STEPS, ("generate", "")])
def test_a4_no_password_is_hashed_for_anybody(api, verified, monkeypatch, step, proof):
    verified()
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args, **more: hashed.append(1) or encode(*args, **more))
    for name in (JANE, "nobody@example.com"):
        flow = ask(api, name, step)
        code = OtpVerification.objects.latest("pk").code()
        bring(api, wrong(code), flow, identifier=name, step=proof)
        bring(api, code, flow, identifier=name, step=proof)
    assert hashed == []


@pytest.mark.parametrize("who", ["inactive", "leaving", "unproven"])
def test_a7_what_is_special_about_an_account_is_told_after_the_code_alone(api, verified, sign_up, who):
    person = sign_up() if who == "unproven" else verified()[0]
    flow, code = ask(api), last_code(JANE)
    if who == "inactive":
        get_user_model().objects.filter(pk=person.row.user.pk).update(is_active=False)
    if who == "leaving":
        Customer.objects.filter(pk=person.id).update(deletion_scheduled_at=timezone.now())
    assert refused(bring(api, wrong(code), flow))
    answer = bring(api, code, flow)
    if who == "leaving":
        assert (answer.status_code, answer.json()["code"]) == (403, "account_deletion_pending")
        assert "scheduled_at" in answer.json()
    else:
        assert refused(answer) if who == "inactive" else answer.status_code == 200


# Registration and pre-hijack.


@pytest.mark.parametrize("way", ["register", "log in"])
def test_b1_b2_nothing_of_an_unproven_claim_survives_its_owner(api, sign_up, send_code, way):
    """Once it has lapsed the owner may register anew; or prove the stranger's row, which then is theirs alone."""
    claim = sign_up()
    stranger = {"token": send_code(claim), "code": last_code(JANE)}
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        owner = by_code.sign_up(api) if way == "register" else LoginToken.read(by_code.log_in(api)).actor_id
        assert (owner == claim.id) is (way == "log in")
        assert api.post("/store/customers/otp/verify", stranger).status_code == 400
        assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 401
        assert api.post("/auth/token/refresh", token=claim.token).status_code == 401
        assert api.post("/store/customers", {}, token=claim.token).status_code == 401
        assert Customer.objects.get(email=JANE).pk == owner


@pytest.mark.parametrize(("step", "proof"), STEPS)
def test_b5_extra_fields_are_refused(api, step, proof):
    for name in ("is_staff", "is_active", "id", "email_verified", "groups", "actor_id", "customer_id"):
        for path, body in ((step, {}), (proof, {"otp": "123456"})):
            answer = api.post(url(path), {"identifier": JANE, name: True, **body})
            assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")


# Login, rate limits, sessions.


@pytest.mark.parametrize("step", ["verify", ""])
def test_d1_a_deactivated_customer_is_sent_nothing_and_comes_in_by_nothing(api, configure, verified, step):
    configure(**UNHURRIED)
    person, _ = verified()
    flow, code = ask(api), last_code(JANE)
    get_user_model().objects.filter(pk=person.row.user.pk).update(is_active=False)
    assert refused(bring(api, code, flow, step=step))
    assert refused(bring(api, code, step=step))
    sent = len(mail.outbox)
    for asked in ("generate", "pre-register"):
        ask(api, step=asked)
    assert len(mail.outbox) == sent


class LockOut:
    """A backend that locks everybody out, as django-axes does."""

    def authenticate(self, request, **credentials):
        assert request is not None
        raise PermissionDenied


@pytest.mark.parametrize("step", ["verify", "", "grant", "two steps", "staff"])
def test_d2_a_lock_out_has_the_last_word(api, configure, verified, settings, step):
    configure(**UNHURRIED)
    new_user("boss", "boss@example.com", is_staff=True)
    locked = ["tests.security.test_passwordless.LockOut", *settings.AUTHENTICATION_BACKENDS]
    name, actor = ("boss@example.com", "user") if step == "staff" else (JANE, "customer")
    if step == "grant":
        by_code.sign_up(api)
        code, flow = last_code(JANE), None
    else:
        verified()
        if step == "two steps":
            assert api.post("/store/auth", {"email": JANE, "password": PASSWORD}).status_code == 200
        flow = None if step == "two steps" else ask(api, name, actor=actor)
        code = last_code(name)
    settings.AUTHENTICATION_BACKENDS = locked
    if step == "two steps":
        answer = api.post("/store/auth/otp", {"email": JANE, "otp": code})
        assert (answer.status_code, answer.json(), answer.cookies) == (400, {"error": "OTP is invalid"}, {})
    else:
        road = {"verify": "verify", "staff": "verify"}.get(step, "")
        assert refused(bring(api, code, flow, identifier=name, step=road, actor=actor))


def test_d4_the_limits_know_no_other_key_than_the_address(api, configure, verified):
    verified()
    ask(api)
    for headers in ({"user-agent": "another"}, {"x-forwarded-for": "203.0.113.9"}, {"accept-language": "de"}):
        answer = api.another(REMOTE_ADDR="192.0.2.9").post(url("generate"), {"identifier": JANE}, **headers)
        assert answer.status_code == 429
    assert SendSlot.objects.filter(last_sent_at__gt=timezone.now() - timedelta(minutes=1)).count() == 2


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_a_kind_that_does_not_log_in_does_not_by_a_grant_either(api, configure, kind):
    other = "phone" if kind == "email" else "email"
    configure(REGISTRATION={"IDENTIFIER": kind}, LOGIN={"IDENTIFIER": other})
    name = JANE if kind == "email" else PHONE
    flow = ask(api, name, "pre-register")
    code = last_code(name)
    assert bring(api, code, flow, identifier=name, step="register").status_code == 200
    assert refused(bring(api, code, flow, identifier=name, step=""))


def test_a_limit_of_logins_holds_for_codes_too(api, configure, verified):
    configure(RATE_LIMITS={"RULES": {"login": "3/m/ip"}})
    verified()
    flow, code = ask(api), last_code(JANE)
    assert [bring(api, wrong(code), flow).status_code for _ in range(4)] == [400] * 3 + [429]
    assert bring(api, code, flow).status_code == 429


def test_the_limit_of_registrations_holds_for_codes_too(api, configure):
    configure(**UNHURRIED)
    configure(RATE_LIMITS={"RULES": {"register": "2/h/ip"}})
    answers = []
    for number in range(3):
        name = f"{number}@example.com"
        flow = ask(api, name, "pre-register")
        answers.append(bring(api, last_code(name), flow, identifier=name, step="register").status_code)
    assert answers == [200, 200, 429]
