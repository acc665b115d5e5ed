"""Rows D1, D2, D13, D16 and F4 of ``security.md``, on every road that logs somebody in."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core import mail
from django.test import Client
from django.utils import timezone

from customer_registration.flows.second_factor import authenticator
from customer_registration.models import Customer, OtpVerification
from customer_registration.tokens import signing
from tests.conftest import PASSWORD, link_token, new_user, wrong
from tests.security.hostile import GUARD
from tests.security.kinds import JWTS, PHONES, SEED
from tests.security.places import HOME, body_at, send, use
from tests.security.test_token_damage import answered, refused

pytestmark = pytest.mark.life_cycle

LOGIN, TWO_STEPS, ME = "/auth/customer/emailpass", "/store/auth", "/store/customers/me"
JANE, NEW = "jane@example.com", "another battery staple"


def password(wallet, route=LOGIN):
    wallet.bearer("jane")
    return lambda right: wallet.api.post(route, {"email": JANE, "password": PASSWORD if right else "wrong password"})


def staff_password(wallet):
    new_user("jane", JANE, is_staff=True)
    body = {"email": JANE}
    return lambda right: wallet.api.post("/auth/user/emailpass", body | {"password": PASSWORD if right else "wrong"})


def newest(right):
    code = OtpVerification.objects.latest("pk").code()
    return code if right else wrong(code)


def two_steps(wallet):
    wallet.bearer("jane")
    assert wallet.api.post(TWO_STEPS, {"email": JANE, "password": PASSWORD}).status_code == 200
    return lambda right: wallet.api.post(f"{TWO_STEPS}/otp", {"email": JANE, "otp": newest(right)})


def first_verification(wallet):
    person = wallet.sign_up(JANE, phone=PHONES["jane"])
    asked = {"customer_id": person.id, "type": "email_verification"}
    flow = wallet.api.post("/store/customers/otp/send", asked).json()["token"]
    return lambda right: wallet.api.post("/store/customers/otp/verify", {"token": flow, "code": newest(right)})


def by_code(wallet, actor="customer", step="/verify"):
    if actor == "customer":
        wallet.bearer("jane")
    else:
        new_user("jane", JANE, is_staff=actor == "user")
    flow = wallet.api.post(f"/auth/{actor}/otp/generate", {"identifier": JANE}).json()["token"]
    body = {"identifier": JANE, "token": flow}
    return lambda right: wallet.api.post(f"/auth/{actor}/otp{step}", body | {"otp": newest(right)})


def second_factor(wallet):
    challenge = wallet.make("challenge")
    path = f"/auth/mfa/challenges/{challenge.path['challenge_id']}/verify"

    def bring(right):
        code = authenticator.code_at(SEED, int(timezone.now().timestamp()) // authenticator.STEP_SECONDS)
        answer = {"method": "totp", "code": code if right else wrong(code)}
        return wallet.api.post(path, answer, token=challenge.value)

    return bring


ROADS = {
    "password": password,
    "staff password": staff_password,
    "two steps": two_steps,
    "first verification": first_verification,
    "code": by_code,
    "code at the provider's own route": lambda wallet: by_code(wallet, step=""),
    "staff code": lambda wallet: by_code(wallet, "user"),
    "vendor code": lambda wallet: by_code(wallet, "vendor"),
    "second factor": second_factor,
}


def opens(answer):
    """Whether an answer logs somebody in: a token with an actor, or a cookie."""
    token = answer.json().get("token")
    actor = token and jwt.decode(token, options={"verify_signature": False}).get("actor_id")
    return bool(actor or answer.cookies)


@pytest.fixture
def bring(wallet, clock, road):
    """Return the last step of a road, everything before it done: ``bring(right)``."""
    return ROADS[road](wallet)


every_road = pytest.mark.parametrize("road", ROADS)


@every_road
def test_a_road_that_the_tests_below_close_is_open(bring):
    assert opens(bring(True))


@every_road
def test_d1_whoever_is_deactivated_before_the_last_step_is_not_let_in(bring):
    get_user_model().objects.update(is_active=False)
    answer = bring(True)
    assert not opens(answer)
    assert answer.status_code in (400, 401)


def test_d1_deactivated_nothing_works_and_nothing_is_sent(wallet):
    """A story of one person; every kind of secret: ``test_token_lives.py``."""
    api, bearer = wallet.api, wallet.bearer("jane")
    browser, code = Client(), wallet.make("login code")
    assert browser.post("/auth/session", headers={"authorization": f"Bearer {bearer}"}).status_code == 200
    get_user_model().objects.update(is_active=False)
    mail.outbox.clear()
    refusals = [
        *(api.get(ME, token=bearer), browser.get(ME)),  # access
        *(api.post("/auth/token/refresh", token=bearer), browser.post("/auth/token/refresh")),
        api.post(f"{ME}/password", {"old_password": PASSWORD, "password": NEW}, token=bearer),
        api.post(f"{ME}/contact", {"email": "next@example.com"}, token=bearer),
        api.post(LOGIN, {"email": JANE, "password": PASSWORD}),
    ]
    assert {answer.status_code for answer in refusals} == {401}
    assert use(code, wallet).status_code == 400
    for path in (f"{LOGIN}/reset-password", "/auth/customer/otp/generate"):
        assert api.post(path, {"identifier": JANE}).status_code in (200, 201)
    assert mail.outbox == []


@every_road
def test_d2_a_backend_that_locks_people_out_has_the_last_word(bring, settings):
    settings.AUTHENTICATION_BACKENDS = [
        "tests.security.test_passwordless.LockOut",
        *settings.AUTHENTICATION_BACKENDS,
    ]
    assert not opens(bring(True))
    settings.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS[1:]


def test_d2_a_contact_that_is_proven_while_locked_out_is_proven_all_the_same(wallet, settings):
    bring = first_verification(wallet)
    settings.AUTHENTICATION_BACKENDS = [
        "tests.security.test_passwordless.LockOut",
        *settings.AUTHENTICATION_BACKENDS,
    ]
    told = bring(True).json()
    assert (told["verified"], told["token"], told["needs_login"]) == (True, None, True)
    assert Customer.objects.get().email_verified_at is not None


def test_d2_a_second_factor_that_is_shown_while_locked_out_is_not_used_up(wallet, clock, settings, hear):
    failed = hear(user_login_failed)
    bring, backends = second_factor(wallet), settings.AUTHENTICATION_BACKENDS
    settings.AUTHENTICATION_BACKENDS = ["tests.security.test_passwordless.LockOut", *backends]
    refusal = bring(True)
    assert (refusal.status_code, refusal.json()["code"], refusal.json()["attempts_remaining"]) == (
        400,
        "otp_invalid",
        4,
    )
    assert len(failed) == 1
    settings.AUTHENTICATION_BACKENDS = backends
    assert opens(bring(True))


@every_road
def test_f4_djangos_signals_are_sent(bring, hear):
    entered, failed = hear(user_logged_in), hear(user_login_failed)
    assert not opens(bring(False))
    assert entered == []
    assert len(failed) == 1
    failed.clear()
    assert opens(bring(True))
    assert ([each["user"].email for each in entered], failed) == ([JANE], [])
    assert entered[0]["request"] is not None


def test_d13_a_reset_ends_every_session_at_once_and_not_at_its_expiry(wallet):
    """In the same second, by bearer, by cookie, and by whatever they were refreshed to."""
    api = wallet.api
    with time_machine.travel(timezone.now(), tick=False):
        bearer = wallet.bearer("jane")
        refreshed = api.post("/auth/token/refresh", token=bearer).json()["token"]
        browser = Client()
        assert browser.post("/auth/session", headers={"authorization": f"Bearer {refreshed}"}).status_code == 200
        registration = wallet.register("other@example.com")
        api.post(f"{LOGIN}/reset-password", {"identifier": JANE})
        assert api.post(f"{LOGIN}/update", {"password": NEW}, token=link_token(JANE)).status_code == 200
        for token in (bearer, refreshed):
            for path in ("/auth/token/refresh", "/auth/session", f"{ME}/logout-all"):
                answer = api.post(path, token=token)
                assert (answer.status_code, answer.json()) == (401, GUARD)
        for path in ("/auth/token/refresh", f"{ME}/logout-all"):
            answer = browser.post(path)
            assert (answer.status_code, answer.json()) == (401, GUARD)
        assert api.post("/auth/token/refresh", token=registration).status_code == 200  # nobody else's
        later = api.post(LOGIN, {"email": JANE, "password": NEW}).json()["token"]
        assert api.post("/auth/token/refresh", token=later).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert api.post("/auth/token/refresh", token=bearer).status_code == 401


PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"


def forge(claims, key="", digest="sha256", **head):
    """Return a token as whoever may choose its header and its key would make it."""
    parts = [json.dumps({"typ": "JWT"} | head).encode(), json.dumps(claims).encode()]
    signed = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = urlsafe_b64encode(hmac.digest(key.encode(), signed, digest)).rstrip(b"=") if digest else b""
    return b".".join((signed, mac)).decode()


def forgeries(claims):
    """Yield what only an attacker, or another service, would make of the claims of a real token."""
    ours = signing._backends()[0].signing_key
    for none in ("none", "None", "nOnE", ""):
        yield f"algorithm {none!r}", forge(claims, digest=None, alg=none)
        yield f"algorithm {none!r}, signed with our key", forge(claims, ours, alg=none)
    for digest in ("384", "512"):
        yield f"HS{digest}", forge(claims, ours, f"sha{digest}", alg=f"HS{digest}")
    for family in ("RS256", "ES256", "PS256", "EdDSA"):
        yield f"{family}, signed with our key", forge(claims, ours, alg=family)
    yield "HS256 with a public key", forge(claims, PUBLIC_KEY, alg="HS256")
    yield "HS256 with no key", forge(claims, "", alg="HS256")
    for kid in ("../../../dev/null", "' UNION SELECT '", "https://evil.example.net/jwks.json", "0"):
        for key in ("", "k" * 64):
            yield f"kid {kid}", forge(claims, key, alg="HS256", kid=kid, jku=kid, x5u=kid)
    for claim in ("iss", "aud"):
        yield f"another {claim}, with our key", forge(claims | {claim: "https://elsewhere.example"}, ours, alg="HS256")


@pytest.mark.parametrize("kind", JWTS)
def test_d16_a_token_of_another_algorithm_key_issuer_or_audience_is_refused(wallet, kind):
    secret, place = wallet.make(kind), HOME[kind]
    body = body_at(place, wallet, secret)
    claims = signing.decode(secret.value)
    for name, forged in forgeries(claims):
        said = {field: forged if text == secret.value else text for field, text in body.items()}
        answer = send(place, secret.with_value(forged), said, wallet)
        assert answered(answer, kind) == refused(kind), name
    assert send(place, secret, body, wallet).status_code == 200
