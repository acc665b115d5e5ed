"""The secrets that a test used, and how a text is searched for one without taking a clock's digits for a code."""

import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, quote_plus

# What holds digits by chance: identifiers, hashes and keys (ULID, hex, base 62), JWTs, the epoch's twelve hex digits.
# Each is searched for tokens, passwords and hashes all the same; no code can hide in it but by being encoded.
_OPAQUE = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|[A-Za-z0-9]{26,}|(?<=:)[0-9a-f]{12}(?![0-9a-f])")
# One pattern for all codes: to compile one each took longer than the search. `\d+` takes in the digits that follow.
_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)\d+")
# What a test types for a password though it is no secret: single words and numbers, which stand in every other text,
# and the mark that Django stores in place of a password.
_NO_SECRET = re.compile(r"[A-Za-z_]*|\d*|!.*", re.DOTALL)
PASSWORD_MIN_LENGTH = 6
HASHES = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret.

    Args:
        kind: what it is; of tokens with their purpose, such as ``token login``.
        value: as it was made.
        needle: the part to search for: of a token the signature, for its claims alone open nothing.
    """

    kind: str
    value: str = field(repr=False)
    needle: str = field(default="", repr=False)

    def spellings(self) -> frozenset[str]:
        """Return the texts to search for: as it is, and as JSON, HTML, a URL or Python would write it."""
        return _spellings(self.needle or self.value)

    def is_in(self, text: str) -> bool:
        """Whether a text holds it. A code in digits has to stand alone, and not behind the point of a fraction."""
        found = any(spelling in text for spelling in self.spellings())
        if not found or not self.value.isdigit():
            return found
        return self.value in _NUMBER.findall(_OPAQUE.sub(" ", text))

    def hashes(self) -> frozenset[str]:
        """Return what a table would hold that keeps a plain hash of it, which guessing a million codes undoes."""
        return _hashes(self.value)


@lru_cache(maxsize=512)
def _spellings(text: str) -> frozenset[str]:
    if text.isascii() and text.isalnum():
        return frozenset([text])
    return frozenset([text, json.dumps(text)[1:-1], html.escape(text), quote(text, safe=""), quote_plus(text)])


@lru_cache(maxsize=2048)
def _hashes(text: str) -> frozenset[str]:
    raw = text.encode(errors="replace")
    return frozenset(hashlib.new(name, raw, usedforsecurity=False).hexdigest() for name in HASHES)


def is_worth_searching(password: str) -> bool:
    """Whether a password is one that no text holds by chance; those of the tests that are about passwords often are."""
    return len(password) >= PASSWORD_MIN_LENGTH and not _NO_SECRET.fullmatch(password)
