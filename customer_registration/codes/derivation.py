"""One-time codes are derived from a row's nonce and a secret, never stored.

A leaked table or broker reveals nothing without the secret, and a retried message carries the same code. The length
and the guesses allowed follow NIST SP 800-63B-4 §3.1.3.2 (at least six decimal digits, rate limited).
"""

import unicodedata
from collections.abc import Iterable
from typing import Protocol

from django.utils.crypto import constant_time_compare, salted_hmac

# Digits and consonants, without vowels (no words) and without look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B).
ALPHABETS = {"numeric": "0123456789", "alphanumeric": "23456789CDFGHJKMNPQRTVWXY"}

_SALT = "customer_registration.codes."
_LINK_SALT = "customer_registration.links."


class Row(Protocol):
    """The facts of a one-time secret that its value is derived from."""

    id: str
    purpose: str
    nonce: bytes | memoryview  # PostgreSQL hands out the latter
    destination: str


def derive_code(row: Row, *, secret: str | bytes, length: int, charset: str) -> str:
    """Return the code of a row: ``length`` characters (6 to 16) of the ``charset``'s alphabet."""
    digest = salted_hmac(_SALT + row.purpose, _message(row), secret=secret, algorithm="sha256").digest()
    alphabet = ALPHABETS[charset]
    number = int.from_bytes(digest) % len(alphabet) ** length
    characters = []
    for _ in range(length):
        number, position = divmod(number, len(alphabet))
        characters.append(alphabet[position])
    return "".join(reversed(characters))


def code_matches(row: Row, typed: str, *, secrets: Iterable[str | bytes], length: int, charset: str) -> bool:
    """Compare a typed code with the row's, in constant time, under each secret that still verifies."""
    typed = normalize_code(typed)
    return any(
        constant_time_compare(derive_code(row, secret=secret, length=length, charset=charset), typed)
        for secret in secrets
    )


def fixed_code_matches(fixed: str, typed: str) -> bool:
    """Compare a typed code with one that the project has set, in constant time and in the form of derived ones."""
    return constant_time_compare(normalize_code(fixed), normalize_code(typed))


def derive_link_value(row: Row, *, secret: str | bytes) -> str:
    """Return what a mailed link carries: the row's id, a dot and 256 bits of HMAC in hex."""
    digest = salted_hmac(_LINK_SALT + row.purpose, _message(row), secret=secret, algorithm="sha256").hexdigest()
    return f"{row.id}.{digest}"


def link_value_matches(row: Row, value: str, *, secrets: Iterable[str | bytes]) -> bool:
    """Compare a link's value with the row's, in constant time, under each secret that still verifies."""
    return any(constant_time_compare(derive_link_value(row, secret=secret), value) for secret in secrets)


def normalize_code(typed: str) -> str:
    """Return a typed code in the form codes are derived in.

    Spaces and hyphens are dropped, letters raised, and every script's decimal digits (full-width, Arabic, ...) read as
    ASCII ones, so that one code has one form, whatever keyboard it was typed on.
    """
    characters = []
    for character in unicodedata.normalize("NFKC", typed):
        if character.isspace() or character in "-‐‑‒–—":
            continue
        characters.append(str(unicodedata.decimal(character)) if character.isdecimal() else character.upper())
    return "".join(characters)


def _message(row: Row) -> str:
    return f"{row.id}:{bytes(row.nonce).hex()}:{row.destination}"
