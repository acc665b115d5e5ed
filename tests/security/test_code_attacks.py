"""Rows C1, C2, C5, C7, C8, C12, C13 and C16 of ``security.md``, on every road that takes a code."""

import hashlib
from copy import copy
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.utils import timezone

from customer_registration import messaging, ratelimits
from customer_registration.codes import derivation
from customer_registration.enums import Purpose
from customer_registration.flows.second_factor import authenticator
from customer_registration.messaging.backends.base import BaseBackend
from customer_registration.models import Customer, OtpVerification
from tests.conftest import wrong
from tests.security.kinds import OPEN_CODES, SEED
from tests.security.places import HOME, body_at, use

pytestmark = pytest.mark.life_cycle

CODES = [
    *("verification code", "e-mail change", "phone change", "deletion code", "cancel code"),
    *("login code", "registration code"),
]
UNLIMITED = {  # but for the codes themselves
    "ENABLED": True,
    "RULES": dict.fromkeys(("code_send", "contact_change", "account_deletion", "login", "register"), ""),
}


@pytest.fixture
def compares(monkeypatch):
    """Return the codes that were compared."""
    seen, compare = [], derivation.constant_time_compare
    monkeypatch.setattr(
        derivation, "constant_time_compare", lambda one, other: seen.append(other) or compare(one, other)
    )
    return seen


def guess(secret, wallet, code):
    """Bring a code with the flow token of a secret."""
    tried = copy(secret)
    tried.code = code
    return use(tried, wallet)


def refusal(secret, answer):
    """Return the code of a refusal; codes of strangers are refused in one way."""
    assert answer.status_code == 400, answer.content
    return answer.json()["code"]


@pytest.mark.parametrize("kind", CODES)
def test_c1_a_code_works_once(wallet, kind):
    secret = wallet.make(kind)
    first = use(secret, wallet)
    assert first.status_code == 200
    if HOME[kind].route == "contact-verify":
        secret.bearer = first.json()["token"]
    before = list(Customer.objects.order_by("pk").values())
    assert refusal(secret, use(secret, wallet)) == "otp_invalid"
    assert list(Customer.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("kind", CODES)
def test_c1_the_sixth_guess_is_refused_even_if_it_is_right(wallet, kind):
    secret = wallet.make(kind)
    before = list(Customer.objects.order_by("pk").values())
    left = [guess(secret, wallet, wrong(secret.code)).json().get("attempts_remaining") for _ in range(5)]
    assert left == ([None] * 5 if kind in OPEN_CODES else [4, 3, 2, 1, 0])
    expected = "otp_invalid" if kind in OPEN_CODES else "otp_attempts_exceeded"
    assert refusal(secret, use(secret, wallet)) == expected
    assert list(Customer.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("kind", CODES)
def test_c2_after_the_limit_the_flow_is_dead_from_another_client_too(wallet, kind, compares):
    secret, place = wallet.make(kind), HOME[kind]
    for _ in range(5):
        guess(secret, wallet, wrong(secret.code))
    compares.clear()
    elsewhere = Client(REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="another browser")
    headers = {"authorization": f"Bearer {secret.bearer}"} if place.route == "contact-verify" else {}
    for code in (secret.code, wrong(secret.code), secret.code):
        body = body_at(place, wallet, secret) | {"otp" if kind in OPEN_CODES else "code": code}
        answer = elsewhere.post(place.path(), body, content_type="application/json", headers=headers)
        assert refusal(secret, answer) in ("otp_invalid", "otp_attempts_exceeded")
    row = OtpVerification.objects.get(pk=secret.row.pk)
    assert (compares, row.attempts, row.consumed_at) == ([], row.max_attempts, None)


@pytest.mark.parametrize("kind", [kind for kind in CODES if kind != "cancel code"])
def test_c5_four_wrong_and_another_code_over_and_over_stay_within_the_days_ten(wallet, configure, compares, kind):
    """One that replaces another inherits its guesses; let to expire, it leaves them to the day's ten and no more.

    The codes to stay: ``test_deletion_attacks.py``.
    """
    configure(RATE_LIMITS=UNLIMITED)

    def four_wrong():
        secret = wallet.make(kind)
        compares.clear()
        answers = [guess(secret, wallet, wrong(secret.code)) for _ in range(4)]
        return len(compares), answers[-1].json()["code"]

    start, day = timezone.now(), []
    for minutes in (0, 0, 0, 16, 32, 48, 64):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            day.append(four_wrong())
    expected = [4, 4, 2, 1, 1, 1, 1] if kind in OPEN_CODES else [4, 1, 0, 4, 1, 1, 1]
    assert [count for count, _ in day] == expected
    assert {code for _, code in day[-3:]} == {"otp_attempts_exceeded"}


FORMS = {
    "spaces": lambda code: f" {code[:3]} {code[3:]} ",
    "hyphen": lambda code: f"{code[:3]}-{code[3:]}",
    "full-width": lambda code: "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code),
    "Arabic-Indic": lambda code: "".join(chr(ord(digit) - ord("0") + ord("٠")) for digit in code),
    "plain": str,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["verification code", "login code"])
def test_c7_a_code_is_used_up_in_every_form_by_any_of_them(wallet, kind, form):
    secret = wallet.make(kind)
    assert guess(secret, wallet, FORMS[form](secret.code)).status_code == 200
    for write in FORMS.values():
        assert refusal(secret, guess(secret, wallet, write(secret.code))) == "otp_invalid"


@pytest.mark.parametrize("form", FORMS)
def test_c7_so_is_that_of_an_authenticator_app(wallet, clock, form):
    code = authenticator.code_at(SEED, int(timezone.now().timestamp()) // authenticator.STEP_SECONDS)

    def answer(text):
        challenge = wallet.make("challenge")
        path = f"/auth/mfa/challenges/{challenge.path['challenge_id']}/verify"
        return wallet.api.post(path, {"method": "totp", "code": text}, token=challenge.value)

    assert answer(FORMS[form](code)).status_code == 200
    assert {answer(write(code)).status_code for write in FORMS.values()} == {400}


def test_c8_one_row_has_another_code_for_every_purpose():
    """Same contact, same id, same nonce: what is right for one purpose is wrong for each of the others."""
    row = OtpVerification(id="01HZZZZZZZZZZZZZZZZZZZZZZZ", nonce=b"n" * 16, destination="jane@example.com")
    row.payload = {"digits": 6}
    codes = {}
    for row.purpose in Purpose:
        codes[row.purpose] = row.code()
    assert len(set(codes.values())) == len(Purpose)
    for row.purpose in Purpose:
        assert [purpose for purpose, code in codes.items() if row.matches_code(code)] == [row.purpose]


@pytest.mark.parametrize("kind", CODES)
def test_c12_no_column_of_any_table_holds_a_code_or_a_hash_of_it(wallet, kind):
    secret = wallet.make(kind)
    hashes = [hashlib.new(name, secret.code.encode()).hexdigest() for name in ("sha256", "sha1", "sha512", "md5")]
    ours = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label != "inbox"]
    cells = [value for model in ours for row in model._default_manager.values_list() for value in row]
    texts = [value if isinstance(value, str) else repr(value) for value in cells if not hasattr(value, "isoformat")]
    assert len(texts) > 20
    # As a cell, or as a word of one: the digits of a phone number may happen to be the same.
    words = {word for text in texts for word in text.replace('"', " ").replace("'", " ").split()}
    assert not words & {secret.code, *hashes}


@pytest.mark.parametrize("kind", CODES)
def test_c13_a_guess_is_one_comparison_in_constant_time(wallet, compares, kind):
    secret = wallet.make(kind)
    for code in (wrong(secret.code), secret.code):
        compares.clear()
        guess(secret, wallet, code)
        assert compares == [code]


class Unsteady(BaseBackend):
    """A provider that is down for a while."""

    down = True
    sent: list = []

    def send(self, message):
        if type(self).down:
            raise ConnectionError("the provider is down")
        self.sent.append(message)


@pytest.mark.parametrize("road", ["verification", "code login"])
def test_c16_a_sender_that_raises_costs_no_guess_and_keeps_the_budget_of_sends(api, verified, sign_up, configure, road):
    person = sign_up() if road == "verification" else verified()[0]
    configure(CHANNELS={"email": [f"{__name__}.Unsteady"]}, EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    Unsteady.down = True
    Unsteady.sent.clear()
    ratelimits.reset()
    path, body = {
        "verification": ("/store/customers/otp/send", {"customer_id": person.id, "type": "email_verification"}),
        "code login": ("/auth/customer/otp/generate", {"identifier": person.email}),
    }[road]
    answers = [api.post(path, body) for _ in range(6)]
    # Whoever could have a failing provider asked again and again would have no limit the day it is up.
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    row = OtpVerification.objects.latest("pk")
    assert (row.attempts, row.attempts_open, row.consumed_at) == (0, 0, None)
    Unsteady.down = False
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        messaging.deliver_due()
        assert row.code() in Unsteady.sent[-1].text
        proof = {"token": answers[4].json()["token"], "code": row.code()}
        if road == "code login":
            proof = {"token": proof["token"], "otp": row.code(), "identifier": person.email}
        verify = "/store/customers/otp/verify" if road == "verification" else "/auth/customer/otp/verify"
        assert api.post(verify, proof).status_code == 200
