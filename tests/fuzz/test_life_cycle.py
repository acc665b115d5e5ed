"""Any order of steps leaves every account in a legal state, and no order of steps skips a proof (attacks E3, E4, E7).

Short in CI. By hand, other orders at every run: ``TEST_FUZZ_EXAMPLES=500 pytest tests/fuzz/test_life_cycle.py -n 2``.
"""

from collections.abc import Callable

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.budget import budget
from tests.fuzz.doors import DOORS
from tests.fuzz.sessions import WholeLife
from tests.fuzz.whole import live_it_all

STEPS = 40
TAKEN = ("create", "log in", "refresh", "change password", "log out", "enable", "answer", "remove factor", "purge")


@pytest.mark.parametrize("mode", ["email", "phone", "both"])
def test_e3_e4_e7_no_order_of_steps_skips_a_proof(machine: Callable[..., type[WholeLife]], mode: str) -> None:
    run_state_machine_as_test(machine(mode, verifying=True), settings=budget(12, stateful_step_count=STEPS))


@pytest.mark.parametrize("mode", ["email", "phone", "both"])
def test_nor_where_nothing_has_to_be_verified(machine: Callable[..., type[WholeLife]], mode: str) -> None:
    run_state_machine_as_test(machine(mode, verifying=False), settings=budget(6, stateful_step_count=STEPS))


def test_every_door_opens_to_its_own_proof(machine: Callable[..., type[WholeLife]]) -> None:
    """Live a life with every step in it: what the machine's laws allow does happen."""
    life = machine("both", verifying=True)()
    try:
        live_it_all(life)
    finally:
        life.teardown()
    assert set(DOORS) | set(TAKEN) <= set(life.succeeded)
