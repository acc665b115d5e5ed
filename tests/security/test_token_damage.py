"""Rule 5: each kind of secret with a bit flipped, crossed with another person's, under other keys, and no string."""

import base64

import pytest

from customer_registration.models import Customer
from tests.security.hostile import GUARD, wrong_with
from tests.security.kinds import JWTS, KINDS, OPEN_CODES, SESSIONS
from tests.security.places import HOME, INVALID_OTP, INVALID_TOKEN, body_at, send, snapshot, use

LINKS = ("undo link", "verification link")
LINK_DEAD = {"type": "not_allowed", "message": "Verification code is invalid or already used"}


def refused(kind):
    """Return the status and the body of a refusal before anything is looked up."""
    if kind in OPEN_CODES:
        return 400, INVALID_OTP
    if kind in SESSIONS:
        return 401, GUARD
    return (400, LINK_DEAD) if kind == "verification link" else (401, INVALID_TOKEN)


def answered(answer, kind):
    """Return an answer in the same terms; links say besides which code it is."""
    expected = refused(kind)[1]
    return answer.status_code, {name: value for name, value in answer.json().items() if name in expected}


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def flips(kind, value):
    """Yield the value with one bit flipped at the start, in the middle and at the end of each part."""
    parts = value.split(".")
    for number, part in enumerate(parts):
        data = bytearray(decoded(part) if kind in JWTS else part.encode())
        for place in sorted({0, len(data) // 2, len(data) - 1}):
            for bit in (1, 4) if kind not in JWTS else (1, 16, 128):
                flipped = bytearray(data)
                flipped[place] ^= bit
                text = base64.urlsafe_b64encode(flipped).rstrip(b"=") if kind in JWTS else bytes(flipped)
                yield ".".join([*parts[:number], text.decode(), *parts[number + 1 :]])


@pytest.mark.parametrize("kind", KINDS)
def test_one_flipped_bit_in_any_part_is_refused(wallet, kind):
    secret = wallet.make(kind)
    body = body_at(HOME[kind], wallet, secret)
    before, damaged = snapshot(), list(flips(kind, secret.value))
    assert len(damaged) >= 6
    for value in damaged:
        other = {name: value if text == secret.value else text for name, text in body.items()}
        answer = send(HOME[kind], secret.with_value(value), other, wallet)
        assert answered(answer, kind) == refused(kind), value
    assert snapshot() == before
    assert use(secret, wallet).status_code == 200


@pytest.mark.parametrize("kind", [*JWTS, *LINKS])
def test_one_persons_secret_signed_as_anothers_is_refused(wallet, kind):
    janes, joes = wallet.make(kind, "jane"), wallet.make(kind, "joe")
    if kind in LINKS:
        crossed = [f"{janes.row.pk}.{joes.value.partition('.')[2]}", f"{joes.row.pk}.{janes.value.partition('.')[2]}"]
    else:
        head, body, signature = janes.value.split(".")
        joe = joes.value.split(".")
        crossed = [f"{head}.{body}.{joe[2]}", f"{head}.{joe[1]}.{signature}"]
    for value in crossed:
        answer = use(janes.with_value(value), wallet)
        assert answered(answer, kind) == refused(kind)


@pytest.mark.parametrize("kind", ["verification code", "e-mail change", "phone change", "deletion code", "cancel code"])
def test_one_persons_flow_token_with_anothers_code_is_a_wrong_code(wallet, kind):
    janes, joes = wallet.make(kind, "jane"), wallet.make(kind, "joe")
    janes.code = joes.code if joes.code != janes.code else "0" * 6
    answer = use(janes, wallet)
    assert (answer.status_code, answer.json()["code"]) == (400, "otp_invalid")


@pytest.mark.parametrize("kind", ["e-mail change", "phone change"])
def test_e6_one_persons_change_under_anothers_login_is_refused(wallet, kind):
    janes, joe = wallet.make(kind, "jane"), wallet.make("login", "joe")
    mine, janes.bearer = janes.bearer, joe.value
    before = snapshot()
    answer = use(janes, wallet)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert snapshot() == before  # not one guess is spent
    janes.bearer = mine
    assert use(janes, wallet).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_acts_for_its_own_person_alone(wallet, kind):
    wallet.bearer("joe")
    joe = Customer.objects.filter(email="joe@example.com")
    before = list(joe.values())
    assert use(wallet.make(kind, "jane"), wallet).status_code == 200
    assert list(joe.values()) == before


@pytest.mark.parametrize("claimed", ["identifier", "email", "email_or_phone", "entity_id", "phone"])
def test_a_reset_link_that_names_somebody_else_is_refused_and_stays_good(wallet, claimed):
    secret = wallet.make("reset link")
    wallet.bearer("joe")
    joe = Customer.objects.get(email="joe@example.com")
    body = body_at(HOME["reset link"], wallet, secret)
    answer = send(HOME["reset link"], secret, body | {claimed: joe.phone if claimed == "phone" else joe.email}, wallet)
    assert (answer.status_code, answer.json()) == (401, INVALID_TOKEN)
    assert use(secret, wallet).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_survives_a_rotation_of_the_key(wallet, settings, kind):
    secret = wallet.make(kind)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert use(secret, wallet).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_dies_with_its_key(wallet, settings, kind):
    secret = wallet.make(kind)
    settings.SECRET_KEY = "n" * 50
    if kind in ("e-mail change", "phone change"):
        secret.bearer = wallet.log_in("jane")
    assert answered(use(secret, wallet), kind) == refused(kind)


VALUES = {
    "empty": "",
    "blank": " ",
    "null": None,
    "empty list": [],
    "list of the secret": ["<secret>"],
    "object": {"token": "<secret>"},
    "number": 5,
    "true": True,
    "dots": "..",
    "a megabyte": "a" * 1_000_000,
    "the secret and a megabyte": "<secret>" + "a" * 1_000_000,
    "the secret twice": "<secret><secret>",
    "the secret with a space": "<secret> x",
    "the secret with a line break": "<secret>\n",
    "the secret with a NUL": "<secret>\0",
}


def filled(value, secret):
    if isinstance(value, str):
        return value.replace("<secret>", secret)
    return [secret] if value == ["<secret>"] else {"token": secret} if isinstance(value, dict) else value


# A flow token of an open code that is null is left out, as it may be.
NO_SECRETS = [(kind, name) for kind in KINDS for name in VALUES if kind not in OPEN_CODES or name != "null"]


@pytest.mark.parametrize(("kind", "name"), NO_SECRETS)
def test_what_is_no_secret_opens_nothing_and_changes_nothing(wallet, kind, name):
    secret, place = wallet.make(kind), HOME[kind]
    value = filled(VALUES[name], secret.value)
    body = body_at(place, wallet, secret)
    body = {key: value if text == secret.value else text for key, text in body.items()}
    if place.slot in ("bearer", "cookie"):
        value = str(value)
        # A bearer may have spaces around it, and a cookie ends where its value does.
        if value.strip() == secret.value or (place.slot == "cookie" and value.startswith(secret.value)):
            return
    before = snapshot()
    answer = send(place, secret.with_value(value), body, wallet)
    assert 400 <= answer.status_code < 500, answer.content
    assert wrong_with(answer) is None
    assert snapshot() == before
    assert use(secret, wallet).status_code == 200
