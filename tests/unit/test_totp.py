"""Authenticator apps: the vectors of the RFCs, the window, seeds, URLs and QR codes."""

import re
from base64 import b32decode, b32encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_registration.exceptions import FactorUnavailable
from customer_registration.flows.second_factor import authenticator, recovery_codes
from customer_registration.models import SecondFactor

RFC_SEED = b32encode(b"12345678901234567890").decode()
# RFC 4226 appendix D: the counter, and six digits.
HOTP = [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489]
# RFC 6238 appendix B, SHA-1: seconds since the epoch, and eight digits.
TOTP = {
    59: 94287082,
    1111111109: 7081804,
    1111111111: 14050471,
    1234567890: 89005924,
    2000000000: 69279037,
    20000000000: 65353130,
}
NOW = datetime(2027, 1, 2, 3, 4, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def app(seed=RFC_SEED, **fields):
    """Return a factor that is not saved."""
    return SecondFactor(provider="totp", secret=authenticator.seal(seed), **fields)


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_rfc_4226_appendix_d(counter, code):
    assert authenticator.code_at(RFC_SEED, counter) == f"{code:06}"


@pytest.mark.parametrize(("seconds", "code"), list(TOTP.items()))
def test_rfc_6238_appendix_b(seconds, code):
    """Six of the eight digits: both are the same number, cut at another length (RFC 4226 §5.3)."""
    assert authenticator.code_at(RFC_SEED, seconds // 30) == f"{code % 1_000_000:06}"
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    assert authenticator.step_of(app(), f"{code % 1_000_000:06}", now=moment) == seconds // 30


@pytest.mark.parametrize("off", range(-3, 4))
def test_one_step_before_and_after_the_present_one_will_do(off):
    found = authenticator.step_of(app(), authenticator.code_at(RFC_SEED, STEP + off), now=NOW)
    assert found == (STEP + off if abs(off) <= 1 else None)


@pytest.mark.parametrize(
    ("last", "off", "good"), [(0, 0, False), (0, 1, True), (-1, 0, True), (-1, -1, False), (1, 0, False)]
)
def test_a_step_that_was_used_and_those_before_it_are_over(last, off, good):
    found = authenticator.step_of(app(last_step=STEP + last), authenticator.code_at(RFC_SEED, STEP + off), now=NOW)
    assert found == (STEP + off if good else None)


def test_at_the_edges_of_a_step():
    code = authenticator.code_at(RFC_SEED, STEP)
    start, end = STEP * 30, STEP * 30 + 30
    for seconds, good in ((start - 31, False), (start - 30, True), (end + 29.999, True), (end + 30, False)):
        moment = datetime.fromtimestamp(seconds, tz=UTC)
        assert (authenticator.step_of(app(), code, now=moment) == STEP) is good, seconds


@pytest.mark.parametrize(
    "typed", ["", " ", "-", "12345", "1234567", "abcdef", "½½½½½½", "12345６7", "+12345", "0x1234"]
)
def test_what_is_no_code_is_wrong(typed):
    assert authenticator.step_of(app(), typed, now=NOW) is None


def test_a_leading_zero_counts():
    step = next(step for step in range(10_000) if authenticator.code_at(RFC_SEED, step).startswith("0"))
    moment = datetime.fromtimestamp(step * 30, tz=UTC)
    code = authenticator.code_at(RFC_SEED, step)
    assert authenticator.step_of(app(), code, now=moment) == step
    assert authenticator.step_of(app(), code.lstrip("0"), now=moment) is None


def test_every_step_of_the_window_is_compared_in_constant_time(monkeypatch):
    seen, real = [], authenticator.constant_time_compare

    def spy(one, other):
        seen.append(one)
        return real(one, other)

    monkeypatch.setattr(authenticator, "constant_time_compare", spy)
    assert authenticator.step_of(app(), authenticator.code_at(RFC_SEED, STEP - 1), now=NOW) == STEP - 1
    assert seen == [authenticator.code_at(RFC_SEED, STEP + off) for off in (-1, 0, 1)]


@given(st.text(max_size=40))
def test_no_text_chokes_it(typed):
    step = authenticator.step_of(app(), typed, now=NOW)
    assert step is None or abs(step - STEP) <= 1


# Seeds


def test_a_seed_is_160_random_bits():
    """RFC 4226 §4 R6 recommends them."""
    seeds = {authenticator.new_seed() for _ in range(50)}
    assert len(seeds) == 50
    assert {len(b32decode(seed)) for seed in seeds} == {20}


def test_a_seed_is_encrypted_and_never_twice_alike():
    one, other = authenticator.seal(RFC_SEED), authenticator.seal(RFC_SEED)
    assert one != other
    assert RFC_SEED not in one
    assert authenticator.unseal(one) == authenticator.unseal(other) == RFC_SEED


def test_a_sealed_seed_opens_under_fallbacks_and_under_no_other_key(settings):
    sealed, old = authenticator.seal(RFC_SEED), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key" * 5, [old]
    assert authenticator.unseal(sealed) == RFC_SEED
    assert authenticator.unseal(authenticator.seal(RFC_SEED)) == RFC_SEED
    settings.SECRET_KEY_FALLBACKS = []
    assert authenticator.unseal(sealed) is None


@pytest.mark.parametrize("damaged", ["", "x", "gAAAA", "é", "\0"])
def test_a_damaged_seed_proves_nothing(damaged):
    assert authenticator.step_of(SecondFactor(secret=damaged), "123456", now=NOW) is None


def test_a_seed_is_renewed_under_the_present_secret_and_only_then(settings):
    sealed, old = authenticator.seal(RFC_SEED), settings.SECRET_KEY
    assert authenticator.renewed(sealed) == sealed
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key" * 5, [old]
    renewed = authenticator.renewed(sealed)
    settings.SECRET_KEY_FALLBACKS = []
    assert authenticator.unseal(renewed) == RFC_SEED


def test_to_compare_a_code_it_takes_no_qr_library(monkeypatch):
    found, factor = authenticator.find_spec, app()
    monkeypatch.setattr(authenticator, "find_spec", lambda name: None if name == "segno" else found(name))
    assert authenticator.step_of(factor, authenticator.code_at(RFC_SEED, STEP), now=NOW) == STEP


@pytest.mark.parametrize("library", authenticator.TO_COMPARE)
def test_without_a_library_no_code_is_right(monkeypatch, library):
    found, factor = authenticator.find_spec, app()
    monkeypatch.setattr(authenticator, "find_spec", lambda name: None if name == library else found(name))
    with pytest.raises(FactorUnavailable):
        authenticator.step_of(factor, "123456", now=NOW)


# URLs and QR codes


def test_the_url_is_read_by_a_library_that_is_not_ours():
    url = authenticator.url_of(RFC_SEED, account="jane@example.com", issuer="A & B: Söhne")
    read = pyotp.parse_uri(url)
    assert (read.secret, read.issuer, read.name) == (RFC_SEED, "A & B: Söhne", "jane@example.com")
    assert read.at(59) == "287082"


@pytest.mark.parametrize("account", ["a:b", "a/b?secret=X&issuer=Y", "名前", "#%41"])
def test_no_name_can_change_the_url(account):
    parts = urlsplit(authenticator.url_of(RFC_SEED, account=account, issuer="Shop"))
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    assert parse_qs(parts.query) == {"secret": [RFC_SEED], "issuer": ["Shop"]}


def test_the_qr_code_is_svg_that_a_page_can_take():
    drawn = authenticator.qr_svg(authenticator.url_of(RFC_SEED, account="jane@example.com", issuer="Shop"))
    root = ElementTree.fromstring(drawn)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not drawn.startswith("<?xml")
    assert not re.search("script|href|url|on[a-z]+=", drawn)
    assert RFC_SEED not in drawn


def test_the_longest_names_fit_a_qr_code():
    url = authenticator.url_of(RFC_SEED, account="名" * 64, issuer="前" * 64)
    assert authenticator.qr_svg(url).startswith("<svg")


# Recovery codes as such


def test_recovery_codes_hold_at_least_fifty_bits():
    assert len(recovery_codes.ALPHABETS["alphanumeric"]) ** 12 > 2**50
    [code] = recovery_codes.generate(1)
    assert len(code) <= 32
    assert len(set(recovery_codes.generate(2000))) == 2000


def test_a_hash_is_of_the_person_and_the_key(settings):
    one = recovery_codes.hash_of("cus_1", "CCCC-DDDD-FFFF")
    assert one != recovery_codes.hash_of("cus_2", "CCCC-DDDD-FFFF")
    assert recovery_codes.hashes_of("cus_1", " cccc dddd-ffff") == [one]
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 5
    assert one in recovery_codes.hashes_of("cus_1", "CCCCDDDDFFFF")[1:]
    assert one != recovery_codes.hash_of("cus_1", "CCCC-DDDD-FFFF")
