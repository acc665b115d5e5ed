"""Codes that a test knows beforehand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from customer_registration import codes
from customer_registration.codes import derivation
from customer_registration.testing.environment import require_tests

SEQUENCE = "1234567890123456"  # as long as a code may be
MIN_LENGTH, MAX_LENGTH = 6, len(SEQUENCE)


@contextmanager
def frozen_codes(code: str | None = None) -> Iterator[str]:
    """Make every code that the app derives one and the same, in this process; returns a context manager that yields it.

    All else is as ever: a wrong code is wrong and counts, a code works once, expires, and proves only what it was sent
    for; people who do not exist have none. Links, fixed codes of ``TEST_IDENTIFIERS``, recovery codes and those of
    authenticator apps are their own.

    Args:
        code: 6 to 16 ASCII letters and digits, whatever the settings say of codes; ``123456`` if not given, and as many
            more digits as the settings ask for.

    Raises:
        ValueError: it is no code.
        NotATest: outside of tests.
    """
    require_tests()
    if code is not None and not (code.isascii() and code.isalnum() and MIN_LENGTH <= len(code) <= MAX_LENGTH):
        raise ValueError(f"a code has {MIN_LENGTH} to {MAX_LENGTH} ASCII letters and digits")
    chosen = None if code is None else codes.normalize_code(code)

    def derive_code(row: Any, *, secret: Any, length: int, charset: str) -> str:
        return chosen or SEQUENCE[:length]

    with patch.object(codes, "derive_code", derive_code), patch.object(derivation, "derive_code", derive_code):
        yield chosen or SEQUENCE[:MIN_LENGTH]
