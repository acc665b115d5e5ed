"""An attack that no test carries the number of is one that nobody would miss, and a number without an attack a slip."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
WHERE = ("security", "races")
IDS = re.compile(r"test_((?:[a-f]\d+_)+)")
# In the order of the tables of the security page; one line each.
ATTACKS = {
    "a1": "a reset mail goes to a look-alike address",
    "a2": "two spellings are equal for the database and different for the limiter",
    "a3": "limits are by-passed by letter case",
    "a4": "who is unknown or has no password is answered faster",
    "a5": "a hash with an older work factor is answered faster",
    "a6": "a change of contact tells whether it is taken",
    "a7": "a login tells what is special about an account",
    "a8": "a wrong id is told apart from a wrong token",
    "a9": "the verify step tells what the first one hid",
    "a10": "a text about a row or an error holds a contact, a code or a token",
    "a11": "of two changes at once the wrong address is confirmed",
    "a12": "a guest's address in another case is another person, or merged without proof",
    "a13": "another spelling of a number is a second account",
    "a14": "the new owner of a number gets the old owner's account",
    "b1": "an unproven sign-up keeps the true owner out",
    "b2": "a second sign-up inherits from the first",
    "b3": "data of an aborted flow is mixed with the next person's",
    "b4": "a proof outlives the contact it was of",
    "b5": "extra fields are written",
    "b6": "long input burns CPU",
    "b7": "input of another type gets through",
    "c1": "a code works twice, or is guessed without limit",
    "c2": "the flow goes on after its last guess",
    "c3": "parallel guesses beat the limit",
    "c4": "many flows are many counters",
    "c5": "a new code clears the failures",
    "c6": "a rollback forgets the failure",
    "c7": "a code is used again in another form",
    "c8": "a code of one purpose serves another",
    "c9": "a road has no cap of guesses",
    "c10": "codes outlive the contact they went to",
    "c11": "the code is in a response",
    "c12": "a table shows codes",
    "c13": "the comparison tells by its time",
    "c14": "anybody can lock a person out",
    "c15": "thousands of messages go to far ranges",
    "c16": "a sender that fails is counted as a failure of the person",
    "c17": "a fixed code is left on in production",
    "d1": "who is deactivated logs in, refreshes or stays",
    "d2": "a login by-passes the project's other backends",
    "d3": "a success clears the failures of an address",
    "d4": "a field that nothing reads changes the limiter's key",
    "d5": "a forwarded header is believed",
    "d6": "an IPv6 subscriber has 2^64 addresses",
    "d7": "two windows share one counter",
    "d8": "a lock by name is denial of service, one by address alone is by-passed",
    "d12": "tokens survive a new password",
    "d13": "a reset keeps sessions that refresh",
    "d14": "tokens survive a log-out everywhere",
    "d16": "another algorithm, key, issuer or audience is accepted",
    "d17": "one kind of token is accepted as another",
    "d19": "a cookie lacks its flags, or CSRF is off",
    "e1": "a reset link works twice",
    "e2": "a reset link survives a change of address",
    "e3": "the last step works without the first",
    "e4": "a token of the first step stands for that of the last",
    "e5": "a header decides where a mailed link leads",
    "e6": "a change is confirmed under another login",
    "e7": "a setting lets a contact be set without its proof",
    "e8": "a change outlives a reset",
    "e9": "codes outlive the password",
    "e10": "a password changes without the old one",
    "e11": "a blank password logs in",
    "e12": "a contact is switched by a profile update",
    "e13": "a reset logs in, past the second factor",
    "e14": "a change is silent and final",
    "e15": "an account under deletion keeps its sessions",
    "e16": "a cancellation and a purge at once leave half a row",
    "e17": "personal data is left after the erasure",
    "e18": "a contact is taken during the grace period",
    "f1": "a setting's typo is ignored",
    "f2": "limits vanish with several workers",
    "f3": "codes are in logs",
    "f4": "the project's monitors see no login",
    "f5": "a constraint differs by database",
    "f6": "staff set passwords or read codes",
}


def numbered_in(*folders):
    """Yield the file and the ids of every test that has some in its name."""
    for folder in folders:
        for path in sorted((TESTS / folder).rglob("test_*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (found := IDS.match(node.name)):
                    yield path.relative_to(TESTS), node.name, found[1].strip("_").split("_")


TESTED = {attack for _, _, attacks in numbered_in(*WHERE) for attack in attacks}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_test_carries_its_number(attack):
    assert attack in TESTED, f"no test in tests/security or tests/races is named test_{attack}_…: {ATTACKS[attack]}"


def test_no_test_carries_a_number_that_is_no_attacks():
    wrong = [(str(path), name) for path, name, attacks in numbered_in(".") if set(attacks) - set(ATTACKS)]
    assert wrong == []
