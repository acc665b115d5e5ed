"""``TEST_IDENTIFIERS``: identifiers with a code that never changes, for app-store reviewers and end-to-end tests.

Static codes that were left on are a way in for everybody (attack C17). So each ends by a date of its own, what is
malformed opens nothing, and no purpose but those of coming in is opened at all.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from customer_registration.conf import config
from customer_registration.enums import Purpose

# Verification by code, registration and login. Never what changes, resets or deletes an account, or guards it besides.
PURPOSES = frozenset(
    {
        Purpose.EMAIL_VERIFICATION,
        Purpose.PHONE_VERIFICATION,
        Purpose.CODE_REGISTRATION,
        Purpose.CODE_LOGIN,
        Purpose.TWO_STEP_LOGIN,
    }
)
_KEYS = ("code", "until")
_CODE = re.compile(r"[0-9A-Za-z]{6,16}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # `date.fromisoformat` takes weeks and undelimited days too


@dataclass(frozen=True, slots=True)
class FixedCode:
    """A code and the last day, in UTC, on which it works."""

    code: str = field(repr=False)
    until: date

    def works(self, now: datetime) -> bool:
        """Whether its last day is not over."""
        return now.astimezone(UTC).date() <= self.until


def read(entry: Any) -> FixedCode:
    """Return what an entry of ``TEST_IDENTIFIERS`` says.

    Raises:
        ValueError: it is malformed; the text says how, without the code.
    """
    if not isinstance(entry, Mapping):
        raise ValueError("must be a dict with 'code' and 'until'")
    if unknown := sorted(str(key) for key in entry if key not in _KEYS):
        raise ValueError(f"has unknown keys: {', '.join(unknown)}")
    code = entry.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ValueError("needs a 'code' of 6 to 16 digits and ASCII letters, as text")
    return FixedCode(code, _day(entry.get("until")))


def in_force(destination: str, *, now: datetime) -> str | None:
    """Return the fixed code of an identifier, while it works.

    Args:
        destination: canonical, as the setting's keys must be; "" is nobody's.
        now: the time of the flow.
    """
    try:
        fixed = read(config().test_identifiers[destination])
    except (KeyError, ValueError):
        return None
    return fixed.code if fixed.works(now) else None


def _day(until: Any) -> date:
    if isinstance(until, str) and _DAY.fullmatch(until):
        with suppress(ValueError):  # no such day in its month
            return date.fromisoformat(until)
    if isinstance(until, date) and not isinstance(until, datetime):  # a time of day would be passed over
        return until
    raise ValueError("needs an 'until': a date, or text as in '2027-01-31'")
