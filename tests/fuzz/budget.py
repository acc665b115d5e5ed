"""How much is tried: a little, and the same every time, unless TEST_FUZZ_EXAMPLES says how much."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("TEST_FUZZ_EXAMPLES") or 0)
# An example runs in a savepoint of its own, which is what the check of fixtures asks about.
UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


def budget(examples: int, **options: Any) -> settings:
    """Return the settings of a test that tries ``examples`` examples in CI; by hand other ones at every run."""
    chosen = {"database": None, "derandomize": True, "max_examples": examples}
    if EXAMPLES:
        chosen = {"derandomize": False, "max_examples": EXAMPLES, "print_blob": True}
    return settings(deadline=None, suppress_health_check=UNCHECKED, **chosen, **options)
