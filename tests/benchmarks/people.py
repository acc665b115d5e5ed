"""Who the people of a made-up shop are, by their number: the same in every database, so nobody need look it up.

Of each hundred some have not proven their address, some show a second factor, some leave or have left.
"""

import base64
import hashlib
from functools import lru_cache
from typing import NamedTuple

PASSWORD = "correct horse battery"
FIRST_SIGN_UP = 1_704_067_200  # 2024-01-01, in seconds
SECONDS_BETWEEN_SIGN_UPS = 10
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "tr", "ar", "hi", "ja", "pt-br", "")
NAMES = ("Ana", "Ben", "Chloe", "Dilek", "Emil", "Fatma", "Giulia", "Hiro", "Ines", "Jane", "Kofi", "Lena", "Mert")
FAMILIES = ("Abe", "Braun", "Costa", "Doe", "Eriksen", "Ferrari", "Gupta", "Haddad", "Ito", "Jansen", "Kaya", "Lopez")
DOMAINS = ("example.com", "example.org", "example.net")
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")

# By the last two digits of a number. Everybody else has proven their address and logs in by password alone.
UNREGISTERED = range(2)
UNPROVEN = range(2, 5)
WITH_FACTOR = range(5, 10)
WITH_UNDO_LINK = range(10, 11)
LEAVING = range(11, 12)
STAYED = range(12, 13)
ERASED = range(13, 15)
ASKING = range(15, 16)


class Person(NamedTuple):
    """What somebody logs in by."""

    email: str
    password: str


def person(number: int) -> Person:
    """Return the address and the password of a customer. All share one password, and one hash of it."""
    first, family, domain = (*name(number), DOMAINS[number % len(DOMAINS)])
    # The digits in front scatter the addresses over their index, as those of real people are.
    return Person(f"{first}.{digest(number)[:4]}.{family}.{number}@{domain}".lower(), PASSWORD)


def customer_id(number: int) -> str:
    """Return the id of a customer; the first one has number 1."""
    return "cus_" + ulid(signed_up(number), digest(number))


def logs_in(number: int) -> bool:
    """Whether a customer logs in by their password alone: address proven, no second factor, not leaving."""
    return number % 100 not in (*UNREGISTERED, *UNPROVEN, *WITH_FACTOR, *LEAVING, *ERASED)


def is_among(group: range, number: int) -> bool:
    """Whether somebody is one of a group."""
    return number % 100 in group


def signed_up(number: int) -> float:
    """Return when a customer signed up, in seconds since 1970."""
    return FIRST_SIGN_UP + number * SECONDS_BETWEEN_SIGN_UPS


def name(number: int) -> tuple[str, str]:
    """Return the first and the last name."""
    return NAMES[number % len(NAMES)], FAMILIES[number // 7 % len(FAMILIES)]


def phone(number: int) -> str | None:
    """Return the phone number, of whom has one: every third."""
    return f"+49151{number:08d}" if number % 3 == 0 else None


def language(number: int) -> str:
    """Return the language of somebody's messages; "" where it is not known."""
    return LANGUAGES[number % len(LANGUAGES)]


def digest(number: int, use: str = "") -> str:
    """Return 64 hex digits, which look random and are the same every time."""
    return hashlib.sha256(f"{use}{number}".encode()).hexdigest()


def ulid(moment: float, random: str) -> str:
    """Return a ULID.

    Args:
        moment: in seconds since 1970.
        random: hex digits, the first twenty of which are taken.
    """
    value = int(moment * 1000) << 80 | int(random[:20], 16)
    return base64.b32encode(value.to_bytes(20, "big")).translate(_CROCKFORD)[6:].decode()


@lru_cache
def password_hash() -> str:
    """Return the hash of the password, as the shop makes it: at the strength and with the salt that need no upgrade."""
    from customer_registration.hashers import OWASPArgon2PasswordHasher

    hasher = OWASPArgon2PasswordHasher()
    return str(hasher.encode(PASSWORD, hasher.salt()))
