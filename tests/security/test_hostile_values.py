"""Lists, objects, booleans, numbers and evil strings in every field: refused in words, never stored (row B7)."""

import json

import pytest

from customer_registration import ratelimits
from tests.security.hostile import PASSWORD, ROUTES, Stranger
from tests.security.kinds import DELETION

pytestmark = pytest.mark.hostile_input


@pytest.fixture
def stranger(stranger, api):
    """Return a stranger who also holds live codes to leave and to stay."""
    leaving = api.post(f"{DELETION}/request", token=stranger.bearers["Jane"]).json()["token"]
    staying = api.post(f"{DELETION}/cancel-request", {"email": "jane@example.com"}).json()["token"]
    stranger.bodies["deletion-confirm"] = {"token": leaving, "code": "000000"}
    stranger.bodies["deletion-cancel-confirm"] = {"token": staying, "code": "000000"}
    return stranger


class Raw(str):
    """JSON text that ``json.dumps`` would not write."""


VALUES = {
    "true": True,
    "false": False,
    "zero": 0,
    "negative": -1,
    "fraction": 1.5,
    "large float": 1e308,
    "integer of 400 digits": 10**400,
    "overflowing float": Raw("1e999"),
    "NaN": Raw("NaN"),
    "null": None,
    "empty list": [],
    "list of null": [None],
    "list of a string": ["jane@example.com"],
    "list of lists": [[[]], [[[]]]],
    "50,000 zeros": [0] * 40_000,
    "empty object": {},
    "operator": {"$gt": ""},
    "lists 200 deep": Raw("[" * 200 + "]" * 200),
    "lists 400 deep": Raw("[" * 400 + "]" * 400),
    "lists 800 deep": Raw("[" * 800 + "]" * 800),
    "objects 60 deep": Raw('{"a":' * 60 + "1" + "}" * 60),
    "objects 850 deep": Raw('{"a":' * 850 + "1" + "}" * 850),
    "object of NUL": Raw(r'{"a": "\u0000"}'),
    "object of a lone surrogate": Raw(r'{"\ud83d": 1}'),
    "object of an overflowing float": Raw('{"a": [1e999]}'),
    "object of NaN": Raw('{"a": NaN}'),
    "object of large numbers": Raw('{"a": [1e308, -1e-308, 9007199254740993, ' + "9" * 4_000 + "]}"),
    "object of 20 kB": {"a": "b" * 20_000},
    "empty": "",
    "blank": " \t\n",
    "NUL": "a\0b",
    "lone surrogate": "a\ud800b",
    "right-to-left override": "jane\u202e@example.com",
    "line break": "jane@example.com\r\nBcc: eve@example.com",
    "zero-width": "\u200b\u200c\u200d\ufeff",
    "combining": "e" + "\u0301" * 5_000,
    "astral": "🦄" * 100,
    "expands under NFKC": "\ufdfa" * 4_000,
    "5,000 characters": "a" * 5_000,
    "90 kB": "a" * 90_000,
    "90 kB of digits": "1" * 90_000,
    "90 kB address": "a@" + "b." * 45_000 + "com",
    "nearly a token": "a" * 2_000 + "." + "b" * 2_000 + "." + "c" * 90,
    "4 kB and more of token": "a" * 4_000 + "." + "b" * 4_000 + "." + "c" * 100,
    "SQL": "' OR 1=1; DROP TABLE customer_registration_customer; --",
    "wildcards": "%_%@example.com",
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "format": "%s%n{0.__class__}",
    "markup": "<script>alert(1)</script>",
    "path": "../../etc/passwd",
    "link value": "01HZZZZZZZZZZZZZZZZZZZZZZZ." + "0" * 64,
    "dots": "." * 100,
}


def dump(body):
    """Write a body as JSON, with raw parts as they are."""
    raw = {name: f"@@{name}@@" for name, value in body.items() if isinstance(value, Raw)}
    text = json.dumps({**body, **raw})
    for name, mark in raw.items():
        text = text.replace(f'"{mark}"', body[name])
    return text.encode()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_value_breaks_a_field(stranger, value):
    for name, paths in ROUTES.items():
        # Whoever gets furthest: guards refuse the others before they read a body, and public routes ask nobody.
        furthest = "Eve" if name in ("customers", "verification-request") else "Jane"
        for field in stranger.bodies[name]:
            data = dump({**stranger.bodies[name], field: value})
            for path in paths:
                stranger.post(path, data, by=furthest)
    stranger.is_content()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_value_breaks_all_fields_at_once(stranger, value):
    for name, paths in ROUTES.items():
        data = dump(dict.fromkeys(stranger.bodies[name], value))
        for path in paths:
            stranger.post(path, data)
    stranger.is_content()


@pytest.mark.life_cycle
@pytest.mark.parametrize("depths", [(10, 20), (31, 32, 33, 64), (200, 500, 800), range(890, 930)], ids=str)
def test_no_depth_of_metadata_breaks_the_customer(register, depths):
    """JSON that one step can read and a later one cannot; MariaDB reads 32 levels."""
    stranger = Stranger(bearers={}, bodies={})
    for depth in depths:
        ratelimits.reset()
        identity = {"HTTP_AUTHORIZATION": f"Bearer {register(f'{depth}@example.com')}"}
        nested = Raw('{"a":' * depth + "1" + "}" * depth)
        stranger.send("POST", "/store/customers", dump({"metadata": nested}), **identity)
        stranger.send("POST", "/auth/token/refresh", **identity)
        stranger.send("POST", "/auth/customer/emailpass", dump({"email": f"{depth}@example.com", "password": PASSWORD}))
    stranger.is_content()


TEXT_FIELDS = [
    ("/store/customers/otp/send", "customer_id"),
    ("/store/customers/otp/send", "type"),
    ("/store/customers/otp/verify", "token"),
    ("/store/customers/otp/verify", "code"),
    ("/auth/verification/confirm", "code"),
    ("/auth/customer/emailpass/reset-password", "identifier"),
    ("/store/customers/contact/undo", "token"),
    (f"{DELETION}/confirm", "token"),
    (f"{DELETION}/cancel-confirm", "code"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("value", [True, 0, 1.5, [], ["x"], {}, {"$gt": ""}, None, [[[["x"]]]]])
@pytest.mark.parametrize(("path", "field"), TEXT_FIELDS)
def test_a_value_that_is_no_string_is_named_in_the_answer(client, path, field, value):
    answer = client.post(path, {field: value}, content_type="application/json")
    assert answer.status_code == 400
    assert f"Expected type: 'string' for field '{field}'" in answer.json()["message"]


@pytest.mark.django_db
@pytest.mark.parametrize("value", [True, 0, 1.5, [], ["x"], {}, None])
@pytest.mark.parametrize("path", ["/auth/customer/emailpass", "/auth/customer/emailpass/register"])
def test_a_credential_that_is_no_string_is_the_references_401(client, path, value):
    answer = client.post(path, {"email": "jane@example.com", "password": value}, content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (401, "Password should be a string")
    answer = client.post(path, {"email": value, "password": "a password"}, content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (401, "Email should be a string")
