"""What a review of sessions, passwords and limits found. Each was seen red."""

import base64
import json
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.enums import Provider
from customer_registration.flows import profile
from customer_registration.flows.challenges import Challenge
from customer_registration.flows.contact_change import Changed
from customer_registration.flows.gates import Grant
from customer_registration.flows.verification import Verified
from customer_registration.messaging.channels import load_backend
from customer_registration.models import Customer, OutboxMessage
from customer_registration.ratelimits.engine import build_storage
from customer_registration.tokens import LoginToken
from tests.conftest import PASSWORD, link_token, messages_to

JANE, PHONE = "jane@example.com", "+12025550123"
LOGIN, ME = "/auth/customer/emailpass", "/store/customers/me"
NEW = "a new password entirely"

pytestmark = pytest.mark.life_cycle


def payload(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_changing_a_password_all_day_sends_no_messages_all_day(api, verified):
    _, token = verified()
    passwords = [PASSWORD, *(f"password number {number}" for number in range(9))]
    for old, new in pairwise(passwords):
        answer = api.post(f"{ME}/password", {"old_password": old, "password": new}, token=token)
        token = answer.json()["token"]
    assert [message.subject for message in mail.outbox].count("Your password was changed") == 5


def test_two_flow_tokens_do_not_tell_that_they_are_about_one_contact(api, verified, sign_up):
    _, token = verified()
    eve = sign_up("eve@example.com")
    sent = api.post("/store/customers/otp/send", {"customer_id": eve.id, "type": "email_verification"}).json()["token"]
    asked = api.post(f"{ME}/contact", {"email": "eve@example.com"}, token=token).json()["token"]
    assert payload(sent)["person"] != payload(asked)["person"]


def test_a_refused_address_leaves_no_counters(api):
    def name(number):
        return api.post(f"{LOGIN}/reset-password", {"email": f"nobody{number}@example.com"}).status_code

    assert [name(number) for number in range(20)] == [201] * 20
    counters = len(build_storage("memory://").storage)
    assert [name(number) for number in range(20, 40)] == [429] * 20
    refusals = 1  # one counter a rule and day, whoever is refused
    assert len(build_storage("memory://").storage) == counters + refusals


def test_a_link_names_its_provider_unless_it_is_the_usual_one(api, verified, prove, configure):
    configure(LOGIN={"IDENTIFIER": "both"})
    person, _ = verified(JANE, phone=PHONE)
    prove(person, "phone")
    api.post(f"{LOGIN}/reset-password", {"email": JANE})
    assert "provider=" not in messages_to(JANE)[0]
    api.post("/auth/customer/phonepass/reset-password", {"phone": PHONE})
    assert messages_to(PHONE)[0].endswith("&provider=phonepass")
    answer = api.post("/auth/customer/phonepass/update", {"password": NEW}, token=link_token(PHONE))
    assert answer.status_code == 200


def test_a_host_in_its_own_script_is_linked_to_in_ascii(api, verified, configure):
    configure(STOREFRONT_URL="https://łódź.example/shop")
    verified()
    api.post(f"{LOGIN}/reset-password", {"email": JANE})
    assert "https://xn--d-uga0v4h.example/shop/reset-password?token=" in messages_to(JANE)[0]


def test_what_a_provider_says_is_kept_without_the_link(api, verified, monkeypatch):
    verified()
    sent = []

    def refuse(self, message):
        sent.append(message.text)
        raise RuntimeError(f"500 from the provider, request was: {message.text} for {message.destination}")

    monkeypatch.setattr(type(load_backend("django")), "send", refuse)
    api.post(f"{LOGIN}/reset-password", {"email": JANE})
    said = OutboxMessage.objects.latest("pk").last_error
    token = sent[0].partition("token=")[2].split()[0]
    assert said.startswith("RuntimeError: 500 from the provider")
    assert token not in said
    assert JANE not in said


@pytest.fixture
def stored(api, verified):
    """Open a cookie session; return a function that changes the claims behind it."""
    _, token = verified()
    claims = api.post("/auth/session", token=token).json()["user"]

    def change(**odd):
        session = SessionStore(api.client.cookies["sessionid"].value)
        session["customer_registration"] = {name: value for name, value in (claims | odd).items() if value is not ...}
        session.save()

    return change


@pytest.mark.parametrize(
    "odd",
    [
        {"exp": ...}, {"exp": "soon"}, {"exp": None}, {"auth_identity_id": 5}, {"auth_time": "x"}, {"epoch": None},
        {"actor_type": "user", "actor_id": "x"}, {"actor_type": "user", "actor_id": ""}, {"purpose": "reset"},
        {"mfa_at": ...}, {"actor_id": ["x"]},
    ],
)  # fmt: skip
def test_odd_claims_open_nothing(api, stored, odd):
    stored()
    assert api.get(ME).status_code == 200
    stored(**odd)
    assert api.get(ME).status_code == 401


@pytest.mark.parametrize("content", [5, None, "text", ["a"], {}])
def test_odd_sessions_open_nothing(api, stored, content):
    session = SessionStore(api.client.cookies["sessionid"].value)
    session["customer_registration"] = content
    session.save()
    assert api.get(ME).status_code == 401


@pytest.mark.parametrize("cookie", ['"aaaaaaaa\\000bbbbbbbb"', "ü" * 32, "", "x" * 4000, '"a\\012b"'])
def test_odd_cookies_open_nothing(api, cookie):
    assert api.get(ME, cookie=f"sessionid={cookie}").status_code == 401
    assert api.request("delete", "/auth/session", cookie=f"sessionid={cookie}").status_code == 401


def test_sessions_are_opened_as_often_as_logins(api, verified, configure):
    _, token = verified()
    configure(RATE_LIMITS={"RULES": {"login": "2/m/ip"}})
    ratelimits.reset()
    assert [api.post("/auth/session", token=token).status_code for _ in range(3)] == [200, 200, 429]


def test_metadata_is_measured_as_it_is_stored():
    assert profile.metadata_size({"a": 1e308}) > 300
    assert profile.metadata_size({"a": 1e-300}) > 300
    assert profile.metadata_size({"a": 1.5, "b": "ü"}) == len('{"a":1.5,"b":"ü"}'.encode())


def test_huge_numbers_do_not_get_past_the_limit(api, verified):
    _, token = verified()
    answer = api.post(ME, {"metadata": {"a": [1e308] * 60}}, token=token)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Invalid request: Value for field 'metadata' too big, expected at most: '16000'",
    )


def test_a_refused_new_password_leaves_the_session(api, verified, settings):
    """The old one was hashed with an older work factor, which Django would mend on the way and so end the session."""
    person, _ = verified()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    user = person.row.user
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    user.save()
    token = token_of(person)
    refused = api.post(f"{ME}/password", {"old_password": PASSWORD, "password": "12345"}, token=token)
    assert refused.json()["code"] == "password_rejected"
    assert api.get(ME, token=token).status_code == 200


def token_of(person):
    now = timezone.now()
    claims = LoginToken.for_customer(
        person.row, provider=Provider.EMAILPASS, auth_time=int(now.timestamp()), actorless=False
    )
    return claims.sign(now=now)


def test_what_flows_return_does_not_show_its_token():
    now, token = timezone.now(), "eyJ-secret"
    shown = repr([Grant(token), Challenge(token, now), Changed(Customer(), token), Verified(Customer(), token)])
    assert token not in shown


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(IntegrityError, 500, "Unexpected error at"), (OperationalError, 503, "The database failed at")],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_database_error_is_logged_without_the_row(api, verified, monkeypatch, caplog, error, status, said, wrapped):
    def fail(customer, changes):
        try:
            raise error(f"DETAIL: Key (email)=({JANE}) already exists.")
        except error as cause:
            if wrapped:
                raise ValueError("something of the host's") from cause
            raise

    _, token = verified()
    api.client.raise_request_exception = False
    monkeypatch.setattr(profile, "update", fail)
    assert api.post(ME, {"first_name": "J"}, token=token).status_code == status
    chain = f"ValueError from {error.__name__}" if wrapped else error.__name__
    assert f"{said} {ME}: {chain}" in caplog.text
    assert "in fail" in caplog.text  # where it happened
    assert JANE not in caplog.text


def test_a_session_cookie_outlives_nothing(api, verified):
    """The claims end with the token that they come from."""
    _, token = verified()
    api.post("/auth/session", token=token)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert api.get(ME).status_code == 401
