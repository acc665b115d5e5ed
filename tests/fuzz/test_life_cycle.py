"""Any order of steps leaves every account in a legal state, and no order of steps skips a proof (attacks E3, E4, E7).

Short in CI. By hand, other orders at every run: ``TEST_FUZZ_EXAMPLES=500 pytest tests/fuzz/test_life_cycle.py -n 2``.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis.stateful import run_state_machine_as_test

from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests.fuzz.budget import budget
from tests.fuzz.doors import DOORS
from tests.fuzz.people import CONTACTS, JANE, JOE, STRANGER
from tests.fuzz.sessions import WholeLife

STEPS = 40
NO_THROTTLE = {"RESEND_THROTTLE_SECONDS": 0}
OPTIONS = ("EMAIL_VERIFICATION", "PHONE_VERIFICATION", "PASSWORD_RESET", "TWO_STEP_LOGIN")
TAKEN = (
    "create",
    "log in",
    "refresh",
    "change password",
    "log out",
    "enable",
    "answer",
    "remove factor",
    "purge",
)
RULES = dict.fromkeys(DEFAULT_RULES, "") | {"code_failed": "9999/d/key,9999/15m/key,9999/30d/key"}


@pytest.fixture
def machine(db: None, configure: Callable[..., None]) -> Callable[..., type[WholeLife]]:
    """Return the machine of a mode, in a shop where nobody waits for the next code: codes have their own limits."""

    def made(mode: str, *, verifying: bool) -> type[WholeLife]:
        # auth.User has no field for a phone; a model that has one asks for it where people register by e-mail.
        adapter = {"USER_ADAPTER": "tests.user_models.adapters.NamedByIdAdapter"} if mode == "phone" else {}
        configure(
            REGISTRATION={"IDENTIFIER": mode, "REQUIRE_VERIFICATION": verifying},
            RATE_LIMITS={"RULES": RULES},
            **dict.fromkeys(OPTIONS, NO_THROTTLE),
            **adapter,
        )
        names: dict[str, Any] = {"mode": mode, "verifying": verifying, "succeeded": Counter()}
        return type(f"By{mode.title()}", (WholeLife,), names)

    return made


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


def live_it_all(life: WholeLife) -> None:
    """Take every step that there is, each of them rightly."""
    life.sign_up(JANE)
    for road in ("change", "undo"):
        life.go_all_the_way(JANE, road, 0)
    life.log_in_as_oneself(JANE, 0)
    life.go_all_the_way(JANE, "link", 1)
    for road in ("change", "two-step login", "leave", "stay", "reset", "code login"):
        life.go_all_the_way(JANE, road, 0)
    life.enrol(JANE, 0)
    life.refresh(JANE, 0)
    life.wait({"minutes": 2})
    life.answer(JANE, 0, right=True)
    life.take_the_factor_away(JANE, 0, right=True)
    life.change_password(JANE, 0, 0)
    life.log_out_everywhere(JANE, 0)
    life.go_all_the_way(JOE, "code registration", 0)
    life.use_a_grant(JOE, 0)
    life._register(STRANGER, CONTACTS[STRANGER][0])
    life.request_verification(STRANGER, 0, CONTACTS[STRANGER][0], "otp")
    secret = life.readable(STRANGER)[-1]
    life._bring(STRANGER, secret, door="confirm")
    life.go_all_the_way(JANE, "code login", 0)
    life.go_all_the_way(JANE, "leave", 0)
    life.wait({"days": 8})
    life.purge()
