"""What an SMS pumping attack costs with the guard off, with each of its parts alone, and with all of it; and whom.

Small by default. ``BENCHMARK_SMS_SCALE=1`` is the attack of the docs: 2,000 numbers of 300 prefixes, from 50 addresses,
beside 120 honest sign-ups an hour; then with ``TEST_SECRET_SEARCH=0``, which so much output would keep busy.
``BENCHMARK_SMS_PRICES='{"US": 0.01, "elsewhere": 0.2}'`` names other prices.
"""

import json
import os
import sys
from dataclasses import dataclass

import pytest
from django.db import transaction

from customer_registration import ratelimits
from tests.benchmarks.attack import CONVERSION, HOME, PRICES, Replay, Scene
from tests.texting import LOCMEM

SCENE = Scene(scale=float(os.environ.get("BENCHMARK_SMS_SCALE", "0.03")))
PRICE_LIST = PRICES | json.loads(os.environ.get("BENCHMARK_SMS_PRICES", "{}"))
# Three times the busiest hour, and the busiest prefix of it.
PARTS = {
    "COUNTRIES": list(HOME),
    "HOURLY_BUDGET": round(400 * SCENE.scale),
    "PREFIX_HOURLY_BUDGET": 6,
    "MIN_CONVERSION": 0.2,
}
GUARDS = {"off": {}, **{name: {name: value} for name, value in PARTS.items()}, "all": PARTS}
OFF = dict.fromkeys(PARTS)
# The least share of the bill that is saved, and the most of the honest whom a busy hour of their own prefix refuses. In
# a large scene some hour is busy somewhere, and more of the attack comes before the brake has judged its prefixes.
SAVED, BUSY = (0.85, 0.02) if SCENE.scale > 0.1 else (0.9, 0.0)

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("pumping")]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    guard: str
    attack_texts: int
    honest_texts: int
    dollars: float
    saved: float
    same_prefix: int
    other_prefix: int

    def __str__(self):
        refused = self.same_prefix + self.other_prefix
        share = 100 * refused / (refused + self.honest_texts)
        return (
            f"{self.guard:<22}{self.attack_texts:>8}{self.honest_texts:>8}{self.dollars:>10.2f}{self.saved:>10.2f}"
            f"{refused:>9} ({share:4.1f} %){self.same_prefix:>8}{self.other_prefix:>8}"
        )


HEAD = (
    f"{'guard':<22}{'attack':>8}{'honest':>8}{'cost $':>10}{'saved $':>10}{'refused honest':>18}{'same':>8}{'other':>8}"
)


@pytest.fixture
def table(configure, django_capture_on_commit_callbacks):
    """Replay the attack under each guard, on an empty database each; return its line by the guard's name."""
    unlimited = {"RULES": {"register": "", "login": ""}}  # honest people prove their codes from one address here
    configure(REGISTRATION={"IDENTIFIER": "phone"}, CHANNELS={"sms": [LOCMEM]}, RATE_LIMITS=unlimited)
    rows = {}
    for guard, chosen in GUARDS.items():
        configure(SMS_GUARD=OFF | chosen)
        ratelimits.reset()
        with transaction.atomic():
            outcome = Replay(SCENE, django_capture_on_commit_callbacks, PRICE_LIST).run()
            transaction.set_rollback(True)
        cost, refused = outcome.dollars, outcome.refused
        saved = rows["off"].dollars - cost if rows else 0.0
        counts = (refused["same prefix"], refused["other prefix"])
        rows[guard] = Row(guard, outcome.attack_texts, outcome.honest_texts, cost, saved, *counts)
    return rows


def test_what_the_guard_saves_and_whom_it_refuses(table, capsys):
    with capsys.disabled():
        said = f"{SCENE.numbers} numbers, {SCENE.honest} honest people of whom {CONVERSION:.0%} prove their code"
        sys.stdout.write("\n".join(["", said, HEAD, *map(str, table.values()), ""]))
    off, everything = table["off"], table["all"]
    assert off.attack_texts >= SCENE.numbers * 1.9, "without the guard nearly every text goes out, twice a number"
    assert off.honest_texts == SCENE.honest
    for name, row in table.items():
        assert row.honest_texts + row.same_prefix + row.other_prefix == SCENE.honest
        assert row.saved > 0 or name in ("off", "PREFIX_HOURLY_BUDGET")
    countries = table["COUNTRIES"]
    assert (countries.same_prefix, countries.other_prefix) == (0, 0), "a list of countries refuses nobody of home"
    assert table["MIN_CONVERSION"].other_prefix == 0, "a prefix that is pumped costs the others nothing"
    busy_hours = table["PREFIX_HOURLY_BUDGET"].other_prefix
    assert busy_hours <= BUSY * SCENE.honest, "a prefix meets its budget by itself in the busiest hours alone"
    assert table["HOURLY_BUDGET"].other_prefix > 0, "a budget in all is for the bill: the first to come are served"
    assert everything.saved > off.dollars * SAVED
    assert everything.other_prefix * 2 <= table["HOURLY_BUDGET"].other_prefix
