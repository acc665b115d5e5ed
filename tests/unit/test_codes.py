"""Codes and link values are derived from a row and a secret, and compared in one form and constant time."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from hypothesis import given
from hypothesis import strategies as st

from customer_registration.codes import (
    ALPHABETS,
    code_matches,
    derivation,
    derive_code,
    derive_link_value,
    link_value_matches,
    normalize_code,
)
from customer_registration.enums import Purpose
from customer_registration.models import Customer, OtpVerification

SECRET = "s" * 50
OLD_SECRET = "o" * 50


@dataclass(frozen=True)
class Row:
    """The facts that a secret is derived from."""

    id: str = "01HZZZZZZZZZZZZZZZZZZZZZZZ"
    purpose: str = "email_verification"
    nonce: bytes = b"n" * 16
    destination: str = "jane@example.com"


ROW = Row()
OTHER_ROWS = {
    "purpose": replace(ROW, purpose="phone_verification"),
    "id": replace(ROW, id="01HZZZZZZZZZZZZZZZZZZZZZZY"),
    "nonce": replace(ROW, nonce=b"n" * 15 + b"m"),
    "destination": replace(ROW, destination="eve@example.com"),
}


def code_of(row, *, secret=SECRET, length=16, charset="numeric"):
    return derive_code(row, secret=secret, length=length, charset=charset)


@pytest.fixture
def compares(monkeypatch):
    """Return the pairs that were compared in constant time."""
    seen = []

    def spy(one, other):
        seen.append((one, other))
        return constant_time_compare(one, other)

    monkeypatch.setattr(derivation, "constant_time_compare", spy)
    return seen


def test_the_same_row_and_secret_give_the_same_code():
    assert code_of(ROW) == code_of(Row())
    assert derive_link_value(ROW, secret=SECRET) == derive_link_value(Row(), secret=SECRET)


@pytest.mark.parametrize("other", OTHER_ROWS.values(), ids=OTHER_ROWS)
def test_every_fact_of_the_row_changes_the_code_and_the_link_value(other):
    assert code_of(other) != code_of(ROW)
    assert derive_link_value(other, secret=SECRET) != derive_link_value(ROW, secret=SECRET)
    assert not code_matches(other, code_of(ROW), secrets=[SECRET], length=16, charset="numeric")
    assert not link_value_matches(other, derive_link_value(ROW, secret=SECRET), secrets=[SECRET])


def test_another_secret_gives_another_code_and_link_value():
    assert code_of(ROW, secret=OLD_SECRET) != code_of(ROW)
    assert derive_link_value(ROW, secret=OLD_SECRET) != derive_link_value(ROW, secret=SECRET)


def test_facts_do_not_run_into_each_other():
    shifted = replace(ROW, id=ROW.id + ":", nonce=b"", destination=f"{ROW.nonce.hex()}:{ROW.destination}")
    assert code_of(shifted) != code_of(ROW)


@pytest.mark.parametrize("charset", ALPHABETS)
@pytest.mark.parametrize("length", [6, 8, 16])
def test_a_code_has_the_length_and_the_alphabet_asked_for(length, charset):
    for number in range(50):
        code = code_of(replace(ROW, id=str(number)), length=length, charset=charset)
        assert len(code) == length
        assert set(code) <= set(ALPHABETS[charset])


def test_the_alphabet_with_letters_has_neither_look_alikes_nor_vowels():
    alphabet = ALPHABETS["alphanumeric"]
    for pair in ("0O", "1I", "1L", "IL", "2Z", "5S", "8B"):
        assert len(set(pair) & set(alphabet)) < 2, pair
    assert not set("AEIOU") & set(alphabet)
    assert len(set(alphabet)) == len(alphabet)
    assert all(character == normalize_code(character) for character in alphabet)


@pytest.mark.parametrize(("length", "charset"), [(6, "numeric"), (16, "numeric"), (6, "alphanumeric")])
def test_every_character_is_as_likely_as_any_other_at_every_position(length, charset):
    rounds, alphabet = 4000, ALPHABETS[charset]
    codes = [code_of(replace(ROW, id=str(number)), length=length, charset=charset) for number in range(rounds)]
    expected = rounds / len(alphabet)
    for position in range(length):
        counts = Counter(code[position] for code in codes)
        # Five standard deviations; the rows are fixed, so this does not flicker.
        assert all(abs(counts[character] - expected) < 5 * expected**0.5 for character in alphabet), position


def test_the_longest_code_with_letters_uses_all_its_characters():
    codes = [code_of(replace(ROW, id=str(number)), length=16, charset="alphanumeric") for number in range(200)]
    assert all(len({code[position] for code in codes}) > 1 for position in range(16))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456\n", "123456"),
        ("123-456", "123456"),
        ("123\u2011456", "123456"),  # non-breaking hyphen
        ("123–456", "123456"),
        ("123\xa0456", "123456"),
        ("１２３４５６", "123456"),
        ("١٢٣٤٥٦", "123456"),
        ("۱۲۳۴۵۶", "123456"),
        ("१२३४५६", "123456"),
        ("cdf234", "CDF234"),
        ("ｃｄｆ２３４", "CDF234"),
        ("", ""),
    ],
)
def test_a_code_has_one_form_whatever_keyboard_it_was_typed_on(typed, read):
    assert normalize_code(typed) == read


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_read_as_a_code(typed):
    read = normalize_code(typed)
    assert not any(character.isspace() or character == "-" for character in read)
    if read.isascii():
        assert normalize_code(read) == read


@pytest.mark.parametrize("spell", [str.lower, str.swapcase, " ".join, "-".join, lambda code: f"\t{code}\n"])
def test_every_spelling_of_the_right_code_matches(spell):
    code = code_of(ROW, length=6, charset="alphanumeric")
    assert code_matches(ROW, spell(code), secrets=[SECRET], length=6, charset="alphanumeric")


@pytest.mark.parametrize(
    "change", [lambda code: code[:-1], lambda code: code + "0", lambda code: "", lambda code: code[::-1]]
)
def test_part_of_a_code_more_than_it_and_nothing_do_not_match(change):
    code = code_of(ROW, length=6)
    assert change(code) != code
    assert not code_matches(ROW, change(code), secrets=[SECRET], length=6, charset="numeric")


def test_each_secret_is_compared_once_in_constant_time(compares):
    assert not code_matches(ROW, "000000", secrets=[SECRET, OLD_SECRET], length=6, charset="numeric")
    assert len(compares) == 2
    assert {typed for _, typed in compares} == {"000000"}
    compares.clear()
    assert code_matches(ROW, code_of(ROW, length=6), secrets=[SECRET], length=6, charset="numeric")
    assert len(compares) == 1
    compares.clear()
    assert not link_value_matches(ROW, "x", secrets=[SECRET, OLD_SECRET])
    assert len(compares) == 2


def test_a_link_value_names_its_row_and_carries_256_bits():
    row_id, _, proof = derive_link_value(ROW, secret=SECRET).partition(".")
    assert row_id == ROW.id
    assert len(bytes.fromhex(proof)) == 32


def test_a_link_value_is_no_hash_of_the_code():
    code, link = code_of(ROW), derive_link_value(ROW, secret=SECRET)
    as_code = replace(ROW, purpose="email_verification_link")
    assert code not in link
    assert derive_link_value(as_code, secret=SECRET) != link


# Rows as they are stored


@pytest.fixture
def stored(db):
    """Store a live code of a purpose; without a customer it is a decoy."""

    def make(purpose=Purpose.EMAIL_VERIFICATION, *, decoy=False):
        customer = None if decoy else Customer.objects.create(email="jane@example.com")
        return OtpVerification.objects.create(
            purpose=purpose,
            channel="email",
            destination="" if decoy else "jane@example.com",
            customer=customer,
            max_attempts=5,
            expires_at=timezone.now() + timedelta(minutes=15),
        )

    return make


def reread(row):
    return OtpVerification.objects.get(pk=row.pk)


@pytest.mark.life_cycle
def test_a_stored_row_derives_what_was_sent(stored):
    row = stored()
    assert reread(row).code() == row.code()
    assert reread(row).matches_code(row.code())
    assert reread(row).matches_link_value(row.link_value())


def test_a_code_outlives_the_rotation_of_the_secret_while_the_old_one_is_a_fallback(stored, settings):
    row = stored()
    code, link, old = row.code(), row.link_value(), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old]
    assert reread(row).matches_code(code)
    assert reread(row).matches_link_value(link)
    assert reread(row).code() != code
    settings.SECRET_KEY_FALLBACKS = []
    assert not reread(row).matches_code(code)
    assert not reread(row).matches_link_value(link)


def test_a_decoy_matches_nothing_not_even_its_own_code(stored, compares):
    decoy = stored(decoy=True)
    assert not decoy.matches_code(decoy.code())
    assert not decoy.matches_link_value(decoy.link_value())
    assert len(compares) == 2  # it costs what a real one costs


def test_nonces_are_16_random_bytes_and_never_the_same(stored):
    nonces = {bytes(stored(decoy=True).nonce) for _ in range(20)}
    assert len(nonces) == 20
    assert {len(nonce) for nonce in nonces} == {16}


def test_the_projects_length_and_charset_shape_the_code(stored, configure):
    configure(OTP={"LENGTH": 8, "CHARSET": "alphanumeric"})
    code = stored().code()
    assert len(code) == 8
    assert set(code) <= set(ALPHABETS["alphanumeric"])


@pytest.mark.parametrize("purpose", Purpose)
def test_a_secret_of_one_purpose_never_serves_another(stored, configure, purpose):
    configure(OTP={"LENGTH": 16})
    row = stored(purpose)
    code, link = row.code(), row.link_value()
    for other in set(Purpose) - {purpose}:
        row.purpose = other
        assert not row.matches_code(code)
        assert not row.matches_link_value(link)
