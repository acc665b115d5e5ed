"""Tell what JSON every database holds, and gives back."""

import math
import re
from typing import Any

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates
MAX_DEPTH = 30  # MariaDB refuses documents nested past 32; ours may stand inside another


def is_storable(body: Any) -> bool:
    """Whether a database can hold every text and number of a JSON value."""
    waiting = [(body, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, (dict, list)):
            if depth == MAX_DEPTH:
                return False
            inside = [*value, *value.values()] if isinstance(value, dict) else value
            waiting.extend((item, depth + 1) for item in inside)
        elif isinstance(value, str):
            if _UNSTORABLE.search(value):
                return False
        elif isinstance(value, float) and not math.isfinite(value):
            return False
    return True
