"""The faults that the app promises to survive, and the tests that show it: none may be without one."""

import ast

import pytest

from tests.faults.servers import ROOT

# Id → what must hold. The id begins the name of its tests here; those that stand elsewhere are named.
FAULTS = {
    "F-broker": "Broker down under load: every request answers 2xx, every code is delivered once it is back.",
    "F-worker": "Worker killed mid-send: the row is picked up again; at most one duplicate, with the same code.",
    "F-provider": "SMTP or SMS provider failing or hanging: retried with back-off, then the next one; nobody waits.",
    "F-database": "Connection dropped: the request is retried or fails clean; counters stay exact.",
    "F-redis": "Redis down: what sends or checks fails closed; the profile and logging out go on.",
    "F-migration": "Disk full or crash in the middle of a migration, forwards and backwards.",
}
ELSEWHERE = {
    "F-purge-killed": {
        "tests/races/test_killed_purge.py": ["test_a_purge_that_is_killed_again_and_again_erases_every_account_once"],
    },
    "F-purge-shared": {
        "tests/races/test_account_deletion.py": ["test_e16_two_workers_and_the_command_erase_each_account_once"],
    },
    "F-database-races": {  # serialisation failures and deadlocks
        "tests/races/test_interleavings.py": [
            "test_guesses_made_while_a_new_code_is_written_are_not_forgotten",
        ],
        "tests/races/test_second_tries.py": [
            "test_an_address_let_go_and_claimed_anew_within_a_change_is_a_duplicate",
        ],
    },
}


def names_in(path):
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_a_test_here(fault):
    here = set().union(*(names_in(path) for path in (ROOT / "tests" / "faults").glob("test_*.py")))
    prefix = f"test_{fault.lower().replace('-', '_')}_"
    assert [name for name in here if name.startswith(prefix)], f"{fault}: {FAULTS[fault]}"


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_every_fault_that_is_a_race_has_its_tests(fault):
    for path, names in ELSEWHERE[fault].items():
        assert set(names) <= names_in(path), fault
