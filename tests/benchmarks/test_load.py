"""The load of `tests.benchmarks.load`, for seconds instead of minutes: it says nothing of memory, and must not rot."""

import os
import re
import subprocess
import sys

from tests.benchmarks import load
from tests.benchmarks.memory import megabytes
from tests.faults.conftest import NEED_SERVERS

pytestmark = NEED_SERVERS

SECONDS = 8
FLAT = {"web": [100.0, 104.0, 104.9], "worker": [100.0, 100.0, 90.0]}
ANSWERS = {"GET /store/customers/me 200": [0.1]}
SEEN = {"answers": ANSWERS, "lives": 1, "asked": 3, "arrived": 3, "used": 3, "surprises": []}


def test_a_short_load_is_answered_and_every_code_is_used(capsys):
    assert load.main(["--minutes", str(SECONDS / 60), "--warm-up", "0", "--people", "4"]) == 0
    said = capsys.readouterr().out
    asked, arrived, used = re.search(r"(\d+) asked for, (\d+) arrived, (\d+) used", said).groups()
    assert int(asked) == int(arrived) == int(used) >= 12
    for route in ("/register", "/otp/verify", "/store/customers/me ", "/me/contact/verify", "/reset-password"):
        assert route in said


def test_every_claim_that_fails_is_told():
    assert load.report(SEEN, 60, FLAT) == []
    [grown] = load.report(SEEN, 60, {**FLAT, "worker": [100.0, 105.1]})
    assert grown == "worker grew by 5.1%"
    [answered] = load.report({**SEEN, "answers": {"GET / 500": [0.1], "GET / 503": [0.1] * 2}}, 60, FLAT)
    assert answered == "answers by status: {'500': 1, '503': 2}"
    [lost, unused] = load.report({**SEEN, "arrived": 2, "used": 1, "surprises": ["a code was lost"]}, 60, FLAT)
    assert lost == "1 times: a code was lost"
    assert unused == "of 3 codes 2 arrived and 1 were used"


def test_memory_is_that_of_a_process_and_its_children():
    alone = megabytes(os.getpid())
    assert alone > 10
    hoard = "import sys; kept = bytearray(b'x' * 50_000_000); print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hoard], **pipes) as child:
        child.stdout.readline()
        assert megabytes(os.getpid()) > alone + 40
        child.stdin.close()
    assert megabytes(2**22 + 1) == 0
