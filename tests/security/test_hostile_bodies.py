"""Whatever is posted, the answer is JSON that says why not, and nothing is stored."""

import json

import pytest

from tests.security.hostile import BODIES, CREDENTIALS, JSON, ROUTES

GOOD = json.dumps(CREDENTIALS).encode()


def deep(opening, closing, depth):
    return opening * depth + closing * depth


def digits(count):
    return json.dumps(dict.fromkeys(CREDENTIALS, 0)).replace("0", "9" * count).encode()


RAW = {
    "empty": b"",
    "blank": b" \n\t ",
    "NUL byte": b"\0",
    "NUL byte in a string": b'{"email": "a\0b@example.com"}',
    "escaped NUL": rb'{"email": "a\u0000b@example.com", "password": "a\u0000b"}',
    "escaped NUL in a key": rb'{"a\u0000b": 1}',
    "lone surrogate": rb'{"email": "\ud800@example.com"}',
    "lone low surrogate": rb'{"password": "\udfff"}',
    "surrogates the wrong way round": rb'{"password": "\udc00\ud800"}',
    "lone surrogate in a key": rb'{"\ud800": 1}',
    "lone surrogate at depth": rb'{"metadata": {"a": [{"b": ["\ud800"]}]}}',
    "NUL at depth": rb'{"metadata": {"a": [{"b": {"\u0000": 1}}]}}',
    "invalid UTF-8": b'{"email": "\xff\xfe@example.com"}',
    "overlong UTF-8": b'{"email": "\xc0\xaf@example.com"}',
    "surrogate in UTF-8": b'{"email": "\xed\xa0\x80@example.com"}',
    "latin-1": '{"first_name": "José"}'.encode("latin-1"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    "truncated": GOOD[:-5],
    "truncated string": b'{"email": "jane',
    "trailing text": GOOD + b"}",
    "two objects": GOOD + GOOD,
    "trailing comma": b'{"email": "a@example.com",}',
    "single quotes": b"{'email': 'a@example.com'}",
    "comment": b'{"email": /* x */ "a@example.com"}',
    "hex escape": rb'{"email": "\x41"}',
    "array": b"[]",
    "array of objects": b"[" + GOOD + b"]",
    "string": b'"email"',
    "number": b"1",
    "true": b"true",
    "null": b"null",
    "NaN": b"NaN",
    "NaN inside": b'{"email": NaN, "metadata": {"a": NaN}}',
    "Infinity inside": b'{"metadata": {"a": [Infinity, -Infinity]}}',
    "overflowing float": b'{"metadata": {"a": 1e999}}',
    "underflowing float": b'{"metadata": {"a": 1e-999}}',
    "integer of 5,000 digits": b'{"metadata": {"a": ' + b"9" * 5_000 + b"}}",
    "integer of 5,000 digits at the top": b"9" * 5_000,
    "integer of 5,000 digits in every field": json.dumps(dict.fromkeys(CREDENTIALS, 0))
    .replace("0", "9" * 5_000)
    .encode(),
    "integer of 4,000 digits in every field": json.dumps(dict.fromkeys(CREDENTIALS, 0))
    .replace("0", "9" * 4_000)
    .encode(),
    "lists 40,000 deep": deep(b"[", b"]", 40_000),
    "objects 15,000 deep": deep(b'{"a":', b"", 15_000) + b"1" + b"}" * 15_000,
    "unclosed lists": b"[" * 90_000,
    "lists 40,000 deep in a field": b'{"metadata": {"a": ' + deep(b"[", b"]", 40_000) + b"}}",
    "duplicate keys": b'{"email": "a@example.com", "email": ["b@example.com"], "password": "a", "password": 1}',
    "90 kB of one key": b'{"' + b"a" * 90_000 + b'": 1}',
    "10,000 keys": json.dumps({str(number): 0 for number in range(8_000)}).encode(),
    "90 kB of spaces": b" " * 90_000 + b"[]",
    "99,999 bytes": json.dumps({"email": "a" * 99_987}).encode(),
    "a megabyte": json.dumps({"email": "a" * 1_000_000}).encode(),
    "a megabyte of spaces": b" " * 1_000_000 + GOOD,
    "prototype pollution": b'{"__proto__": {"is_staff": true}, "constructor": {"prototype": {"a": 1}}}',
    "dunder keys": b'{"__class__": "x", "__init__": "x", "self": 1, "cls": 2, "data": 3, "": 4}',
    "django look-ups as keys": b'{"email__contains": "@", "user__password": "x", "pk": 1, "id": "cus_x"}',
    "extra rights": json.dumps(
        {**CREDENTIALS, "is_staff": True, "is_superuser": True, "groups": [1], "user": 1}
    ).encode(),
}


def test_every_route_that_takes_a_post_is_attacked():
    assert set(ROUTES) == set(BODIES)
    assert sum(map(len, ROUTES.values())) >= len(BODIES)


def test_the_bearers_live_through_what_is_posted(stranger):
    """Else the routes after a log-out would be attacked by nobody."""
    stranger.post_everywhere(b"{}")
    jane = {"HTTP_AUTHORIZATION": f"Bearer {stranger.bearers['Jane']}"}
    assert stranger.client.get("/store/customers/me", **jane).status_code == 200
    assert stranger.client.get("/store/customers/me").status_code == 401
    posts = stranger.statuses.copy()
    stranger.post("/store/customers/me/logout-all", b"{}")
    assert stranger.statuses[len(posts) :] == [401, 401, 200]
    stranger.is_content()


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_no_body_breaks_a_route(stranger, raw):
    stranger.post_everywhere(raw)
    stranger.is_content()


@pytest.mark.parametrize("name", [name for name, raw in RAW.items() if len(raw) > 100_000])
def test_a_body_over_a_hundred_kilobytes_is_413_before_anything_else(stranger, name):
    stranger.post_everywhere(RAW[name])
    assert set(stranger.statuses) == {413}
    stranger.is_content()


PUBLIC = ("/store/customers/otp/send", "/store/customers/otp/verify", "/auth/customer/emailpass")
NO_OBJECTS = ("array", "string", "number", "true", "null", "UTF-16", "byte order mark", "NaN", "truncated", "blank")


@pytest.mark.django_db
@pytest.mark.parametrize("name", NO_OBJECTS)
@pytest.mark.parametrize(
    "path", ["/store/customers/otp/send", "/store/customers/otp/verify", "/auth/customer/emailpass"]
)
def test_a_body_that_is_no_json_object_is_invalid_data(client, path, name):
    answer = client.post(path, RAW[name], content_type=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
