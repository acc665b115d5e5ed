"""Content types, lengths, bearers and other headers that mean no good."""

import json

import pytest

from customer_registration import ratelimits
from customer_registration.models import AccountDeletionRequest
from tests.security.hostile import CREDENTIALS, GUARD, JSON, ROUTES
from tests.security.kinds import DELETION

pytestmark = pytest.mark.hostile_input

GOOD = json.dumps(CREDENTIALS).encode()

CONTENT_TYPES = {
    "none": "",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=x",
    "multipart without boundary": "multipart/form-data",
    "text": "text/plain",
    "xml": "application/xml",
    "like JSON": "application/jsonp",
    "vendor JSON": "application/vnd.api+json",
    "no slash": "json",
    "long": "application/" + "j" * 9_000,
    "control characters": "application/json\x00; charset=\x7f",
    "unknown charset": "application/json; charset=no-such",
    "other charset": "application/json; charset=utf-16",
    "upper case": "APPLICATION/JSON",
    "repeated": "application/json, application/json",
}


@pytest.mark.parametrize("content_type", CONTENT_TYPES.values(), ids=CONTENT_TYPES)
@pytest.mark.parametrize(
    "raw", [b"", GOOD, b"email=a%40example.com&password=x", b"--x\r\n\r\n--x--"], ids=["empty", "JSON", "form", "parts"]
)
def test_no_content_type_breaks_a_route(stranger, content_type, raw):
    stranger.post_everywhere(raw, content_type=content_type)
    stranger.is_content()


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "application/xml"])
def test_a_body_of_another_type_is_415_where_a_stranger_may_post(client, db, content_type):
    for path in ("/store/customers/otp/send", "/store/customers/otp/verify", "/auth/customer/emailpass"):
        answer = client.post(path, GOOD, content_type=content_type)
        assert (answer.status_code, answer.json()["type"]) == (415, "unsupported_media_type"), path


def test_an_empty_json_body_is_an_empty_object(client, db):
    for content_type in (JSON, "application/json; charset=utf-8"):
        answer = client.post("/store/customers/otp/send", b"", content_type=content_type)
        assert answer.status_code == 400
        assert "Field 'customer_id' is required" in answer.json()["message"]


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "cp037", "unicode_escape", "no-such", ""])
def test_no_charset_breaks_a_route(stranger, charset):
    content_type = f"application/json; charset={charset}"
    stranger.post_everywhere(GOOD, query="?email=%FF&fields=a", content_type=content_type)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {stranger.bearers['Jane']}"}
    stranger.send("GET", "/store/customers/me?fields=%FFa", b"", content_type, **bearer)
    stranger.is_content()


@pytest.mark.parametrize("length", ["", "abc", "-1", "0", "1", "1e9", "0x10", "9" * 30, "²", "١٠", " 5 ", "+5", "5, 5"])
def test_no_content_length_breaks_a_route(stranger, length):
    stranger.post_everywhere(GOOD, CONTENT_LENGTH=length)
    stranger.is_content()


AUTHORIZATIONS = {
    "empty": "",
    "scheme alone": "Bearer",
    "scheme and space": "Bearer ",
    "other scheme": "Basic amFuZTpwYXNzd29yZA==",
    "words": "Bearer a b c",
    "dots": "Bearer ..",
    "a thousand dots": "Bearer " + "." * 1_000,
    "no signature": "Bearer eyJhbGciOiJub25lIn0.eyJwdXJwb3NlIjoibG9naW4ifQ.",
    "broken base64": "Bearer !!!.###.$$$",
    "JSON list as header": "Bearer W10.W10.W10",
    "JSON null as payload": "Bearer eyJhbGciOiJIUzI1NiJ9.bnVsbA.bnVsbA",
    "latin-1": "Bearer \xff\xfe\xfd",
    "NUL": "Bearer a\0b.c.d",
    "4,097 characters": "Bearer " + "a" * 4_097,
    "64 kB": "Bearer " + "a." * 32_000,
    "SQL": "Bearer ' OR 1=1 --",
}


@pytest.mark.parametrize("authorization", AUTHORIZATIONS.values(), ids=AUTHORIZATIONS)
def test_no_bearer_breaks_a_route(stranger, authorization):
    stranger.bearers = {}
    stranger.post_everywhere(GOOD, HTTP_AUTHORIZATION=authorization)
    stranger.is_content()


@pytest.mark.parametrize("authorization", AUTHORIZATIONS.values(), ids=AUTHORIZATIONS)
def test_a_junk_bearer_opens_nothing_and_public_routes_ignore_it(client, stranger, authorization):
    for path in (*ROUTES["token-refresh"], *ROUTES["verification-request"], *ROUTES["customers"]):
        answer = client.post(path, GOOD, content_type=JSON, HTTP_AUTHORIZATION=authorization)
        assert (answer.status_code, answer.json()) == (401, GUARD)
        assert "WWW-Authenticate" not in answer.headers
    path = "/auth/customer/emailpass/register"
    assert client.post(path, GOOD, content_type=JSON, HTTP_AUTHORIZATION=authorization).status_code == 200


HEADERS = {
    "long user agent": {"HTTP_USER_AGENT": "x" * 60_000},
    "hostile host": {"HTTP_HOST": "evil.example.com"},
    "forwarded host": {"HTTP_X_FORWARDED_HOST": "evil.example.com"},
    "hostile forwarded for": {"HTTP_X_FORWARDED_FOR": "\xff, ;DROP TABLE, " + "1.1.1.1, " * 5_000},
    "no remote address": {"REMOTE_ADDR": ""},
    "odd remote address": {"REMOTE_ADDR": "fe80::1%eth0"},
    "publishable key of 60 kB": {"HTTP_X_PUBLISHABLE_API_KEY": "\xff" * 60_000},
    "accept": {"HTTP_ACCEPT": "text/html;indent=" + "9" * 5_000},
    "language": {"HTTP_ACCEPT_LANGUAGE": "xx-" + "y" * 5_000},
    "locale": {"HTTP_X_MEDUSA_LOCALE": "de-\xff\0" + "y" * 5_000},
    "override": {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    "encoding": {"HTTP_CONTENT_ENCODING": "gzip"},
    "cookies": {"HTTP_COOKIE": "sessionid=" + "a" * 8_000 + "; =; ;;; \xff=\xff"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_no_header_breaks_a_route(stranger, configure, headers):
    configure(PUBLISHABLE_API_KEYS=["pk_right"], RATE_LIMITS={"TRUSTED_PROXIES": 1})
    stranger.post_everywhere(GOOD, **headers)
    stranger.is_content()


# As a WSGI server hands bytes on: one character each.
USER_AGENTS = {
    "none": None,
    "empty": "",
    "NUL": "curl\0/8",
    "latin-1 bytes": "Caf\xe9 \xff\xfe",
    "bytes of a surrogate": "\xed\xa0\x80",
    "bytes of an emoji": "\xf0\x9f\xa6\x84" * 70,
    "emoji": "🦄" * 300,
    "line breaks": "curl\r\nX: y",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x9b",
    "markup": "<script>alert(1)</script>",
    "10 kB": "x" * 10_000,
}


def test_no_user_agent_breaks_what_is_kept_of_it(verified, client, configure):
    configure(EMAIL_VERIFICATION={"RESEND_THROTTLE_SECONDS": 0})
    bearer = {"authorization": f"Bearer {verified()[1]}"}
    kept = {}
    for name, text in USER_AGENTS.items():
        ratelimits.reset()
        extra = {} if text is None else {"HTTP_USER_AGENT": text}
        answer = client.post(f"{DELETION}/request", {}, content_type=JSON, headers=bearer, **extra)
        assert answer.status_code == 200, (name, answer.content)
        kept[name] = AccountDeletionRequest.objects.get().user_agent
    assert all(len(text) <= 255 and "\0" not in text for text in kept.values())
    assert (kept["none"], kept["NUL"], kept["10 kB"]) == ("", "curl/8", "x" * 255)
    assert kept["latin-1 bytes"] == USER_AGENTS["latin-1 bytes"]


def test_a_user_agent_that_no_database_holds_breaks_nothing(verified, client):
    bearer = {"authorization": f"Bearer {verified()[1]}"}
    lone = {"HTTP_USER_AGENT": "curl\ud800/8"}
    assert client.post(f"{DELETION}/request", {}, content_type=JSON, headers=bearer, **lone).status_code == 200
