"""Signed tokens: one purpose each, refused everywhere else and in every damaged form."""

from datetime import timedelta

import jwt
import pytest
from django.utils import timezone

from customer_registration.enums import Provider, Purpose
from customer_registration.exceptions import InvalidToken
from customer_registration.tokens import CodeToken, LoginToken, ResetToken, signing
from tests.conftest import wrong


def login_token(**changes):
    fields = {
        "actor_id": "cus_x",
        "actor_type": "customer",
        "auth_identity_id": "authid_x",
        "auth_provider": Provider.EMAILPASS,
        "epoch": "0:abc",
        "auth_time": int(timezone.now().timestamp()),
        "app_metadata": {},
    }
    return LoginToken(**{**fields, **changes}).sign(now=timezone.now())


def code_token(purpose=Purpose.EMAIL_VERIFICATION):
    now = timezone.now()
    return CodeToken(row_id="r", purpose=purpose, person="5" * 64).sign(now=now, expires_at=now + timedelta(minutes=15))


def reset_token():
    soon = int(timezone.now().timestamp()) + 900
    token = ResetToken(
        row_id="r", actor_type="customer", provider="emailpass", password_state="0" * 12, expires_at=soon
    )
    return token.sign()


READERS = {
    "login": LoginToken.read,
    "reset": ResetToken.read,
    "contact change": lambda text: CodeToken.read(text, Purpose.EMAIL_CHANGE, Purpose.PHONE_CHANGE),
    "email code": lambda text: CodeToken.read(text, Purpose.EMAIL_VERIFICATION),
    "phone code": lambda text: CodeToken.read(text, Purpose.PHONE_VERIFICATION),
}
KINDS = {
    "login": login_token,
    "reset": reset_token,
    "contact change": lambda: code_token(Purpose.PHONE_CHANGE),
    "email code": code_token,
    "phone code": lambda: code_token(Purpose.PHONE_VERIFICATION),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", KINDS)
def test_d17_a_token_is_read_at_its_purpose_alone(kind, reader):
    token = KINDS[kind]()
    if kind == reader:
        assert READERS[reader](token)
    else:
        with pytest.raises(InvalidToken):
            READERS[reader](token)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("bad", [None, "", 5, [], {}, True, b"x", "a.b.c", "é" * 10, "x" * 4097, "x" * 1_000_000])
def test_what_is_no_token_is_refused(reader, bad):
    with pytest.raises(InvalidToken):
        READERS[reader](bad)


@pytest.mark.parametrize("kind", KINDS)
def test_one_flipped_bit_is_refused(kind):
    """Of each part, over HTTP: ``tests/security/test_token_damage.py``."""
    header, payload, signature = KINDS[kind]().split(".")
    assert READERS[kind](f"{header}.{payload}.{signature}")
    for damaged in (
        f"{wrong(header)}.{payload}.{signature}",
        f"{header}.{wrong(payload)}.{signature}",
        f"{header}.{payload}.{wrong(signature)}",
    ):
        with pytest.raises(InvalidToken):
            READERS[kind](damaged)


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_d16_another_algorithm_is_refused(algorithm):
    payload = signing.decode(login_token())
    key = signing._backends()[0].signing_key if algorithm != "none" else None
    forged = jwt.encode(payload, key, algorithm=algorithm)
    with pytest.raises(InvalidToken):
        LoginToken.read(forged)


def test_d16_another_key_or_kid_is_refused():
    payload = signing.decode(login_token())
    forged = jwt.encode(payload, "k" * 64, algorithm="HS256", headers={"kid": "../../dev/null"})
    with pytest.raises(InvalidToken):
        LoginToken.read(forged)


def test_a_token_without_an_expiry_is_refused():
    payload = signing.decode(login_token())
    del payload["exp"]
    with pytest.raises(InvalidToken):
        LoginToken.read(signing.encode(payload))


def test_the_hosts_simple_jwt_settings_are_neither_read_nor_trusted(settings):
    settings.SIMPLE_JWT = {"SIGNING_KEY": "h" * 64, "ALGORITHM": "HS512", "AUDIENCE": "host", "ISSUER": "host"}
    token = login_token()
    assert LoginToken.read(token)
    assert "aud" not in signing.decode(token)
    for key in ("h" * 64, settings.SECRET_KEY):
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(token, key, algorithms=["HS256"])
        with pytest.raises(InvalidToken):
            LoginToken.read(jwt.encode(signing.decode(token), key, algorithm="HS256"))


def test_a_signing_key_of_the_projects_own(settings):
    settings.CUSTOMER_REGISTRATION = {"TOKENS": {"SIGNING_KEY": "p" * 40}}
    assert jwt.decode(login_token(), "p" * 40, algorithms=["HS256"])["actor_id"] == "cus_x"


LACKING = [
    *(
        ("login", name)
        for name in ("actor_id", "actor_type", "auth_identity_id", "epoch", "auth_time", "exp", "purpose")
    ),
    *(("email code", name) for name in ("jti", "person", "exp", "purpose")),
    *(("reset", name) for name in ("jti", "actor_type", "provider", "password", "exp", "purpose")),
]


@pytest.mark.parametrize(("kind", "claim"), LACKING)
def test_a_token_that_lacks_a_claim_is_refused(kind, claim):
    payload = signing.decode(KINDS[kind]())
    del payload[claim]
    with pytest.raises(InvalidToken):
        READERS[kind](signing.encode(payload))


def test_a_reset_token_holds_no_contact_and_no_password():
    assert set(signing.decode(reset_token())) == {"jti", "purpose", "actor_type", "provider", "password", "exp"}
    assert len(reset_token()) < 400  # it travels in text messages


@pytest.mark.parametrize("person", [5, None, "", "no hex", ["0f"], {}])
def test_a_flow_token_whose_person_is_none_is_refused(person):
    payload = signing.decode(code_token()) | {"person": person}
    with pytest.raises(InvalidToken):
        CodeToken.read(signing.encode(payload), Purpose.EMAIL_VERIFICATION)
