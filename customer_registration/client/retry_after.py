"""Read ``Retry-After`` in both of its forms (RFC 9110, section 10.2.3)."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}")  # nobody waits longer than 30 years


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Return the seconds to wait, at least 0; ``None`` without the header or where it makes no sense."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return int(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000" is UTC too
        moment = moment.replace(tzinfo=UTC)
    return max(0, math.ceil((moment - datetime.now(UTC)).total_seconds()))
