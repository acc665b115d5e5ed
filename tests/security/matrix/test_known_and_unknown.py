"""Rule 4: known and unknown people are alike on every public route, but for what the contract tells of them."""

import pytest

from tests.security.matrix.documented import allowed
from tests.security.matrix.modes import MODES
from tests.security.matrix.observing import differences
from tests.security.matrix.table import LIMITS, ROWS, TOLD

EXCEEDED = "otp_attempts_exceeded"
CASES = [pytest.param(row, mode, id=f"{row.route}: {row.name}, {mode}") for row in ROWS.values() for mode in row.modes]


@pytest.mark.parametrize(("row", "mode"), CASES)
def test_a9_known_and_unknown_people_are_alike(everybody, row, mode):
    seen = everybody(row, mode)
    strangers = seen["unknown"]
    assert [each["status"] for each in strangers] == list(row.statuses)
    told = TOLD if MODES[mode].conceals else set()
    assert all(each["rules"] - told <= set(LIMITS[each["route"]]) for each in strangers if each["route"] in LIMITS)
    assert not row.past or is_limited(strangers[-1])
    apart = {who: differences(found, strangers) for who, found in seen.items()}
    documented = allowed(row.name, mode)
    wrong = {who: points for who, points in apart.items() if set(points) != documented.get(who, set())}
    assert not wrong, "\n".join(
        f"{who}: documented are {sorted(documented.get(who, ()))}, found\n    "
        + "\n    ".join(f"{point} at {said}" for point, where in points.items() for said in where[:3])
        for who, points in wrong.items()
    )


def is_limited(seen):
    """Whether a limit holds: it is said, or, where one answer is given to everybody, nothing is done."""
    nothing_is_done = not seen["tasks"] and not any(seen["rows"])
    if seen["route"] in ("reset-password", "two-step-login-code"):
        return nothing_is_done
    return nothing_is_done and (seen["status"] == 429 or seen["body"].get("code") == EXCEEDED)
