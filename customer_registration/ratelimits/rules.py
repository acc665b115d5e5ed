"""The table of rules and its notation.

``"5/5m/key+ip,10/m/ip"``: at most 5 per 5 minutes for a person and an address together, and 10 a minute for an address.
A window is a number and one of ``s m h d``; a scope is ``key`` (the person, known or not), ``ip`` or ``key+ip``.
"""

import re
from functools import cache
from typing import NamedTuple

from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)

from customer_registration.conf import config

_SENDS = "5/h/key,10/d/key,20/h/ip"

DEFAULT_RULES = {
    "login": "60/m/ip",
    "login_failed": "5/5m/key+ip,10/m/ip",
    "register": "20/h/ip",
    "code_send": _SENDS,
    # By position: wrong codes a day; past those, one per window; the ceiling over all.
    "code_failed": "10/d/key,1/15m/key,100/30d/key",
    "password_reset": _SENDS,
    "contact_change": _SENDS,
    "account_deletion": _SENDS,
}

_UNITS = {
    "s": RateLimitItemPerSecond,
    "m": RateLimitItemPerMinute,
    "h": RateLimitItemPerHour,
    "d": RateLimitItemPerDay,
}
_LETTERS = {item: letter for letter, item in _UNITS.items()}
_RULE = re.compile(r"(\d+)/(\d*)([smhd])/(key\+ip|key|ip)")


class Limit(NamedTuple):
    """One limit of a rule."""

    item: RateLimitItem
    scope: str

    def __str__(self) -> str:
        window = f"{self.item.multiples if self.item.multiples != 1 else ''}{_LETTERS[type(self.item)]}"
        return f"{self.item.amount}/{window}/{self.scope}"


def limits_of(rule: str) -> tuple[Limit, ...]:
    """Return the limits of a rule, the project's or the default, in the order they are written."""
    return parse(config().rate_limits.rules.get(rule, DEFAULT_RULES[rule]))


@cache
def parse(text: str) -> tuple[Limit, ...]:
    """Parse a rule; the empty string is no limit.

    Raises:
        ValueError: a part is not ``amount/window/scope``.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _RULE.fullmatch(part)
        if match is None or int(match[1]) < 1 or match[2] == "0":
            raise ValueError(f"{part!r} is not a limit such as '5/5m/key+ip'")
        amount, multiples, unit, scope = match.groups()
        found.append(Limit(_UNITS[unit](int(amount), int(multiples or 1), "customer_registration"), scope))
    return tuple(found)
