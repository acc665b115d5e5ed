"""A life in the fuzzed shop with every step in it."""

from tests.fuzz.people import CONTACTS, JANE, JOE, STRANGER
from tests.fuzz.sessions import WholeLife


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
