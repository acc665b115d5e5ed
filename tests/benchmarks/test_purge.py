"""How fast accounts are erased, and whether that stays so: rate, workers, memory, the cost of each, the index.

Small by default. The figures of the docs are of ``BENCHMARK_CUSTOMERS=1000000``, of whom a fifth are due; only then are
the rates held against their bounds, since nothing else should run on the machine meanwhile.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.flows.test_worker import ROOT

SERVER = os.environ.get("TEST_DATABASE_URL", "")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="set TEST_DATABASE_URL=postgres://… to time erasures"),
    pytest.mark.xdist_group("purge"),
]

CUSTOMERS = int(os.environ.get("BENCHMARK_CUSTOMERS", "20000"))
DUE = CUSTOMERS // 5
FEW = DUE // 20
IN_FULL = CUSTOMERS >= 1_000_000
RATE, RATE_WITH_HANDLER = 3000, 150  # accounts a second
SPEED_UP_OF_TWO = 1.6
TOLERANCE = 1.1


@dataclass(frozen=True)
class Purge:
    """What a purge did, in a process of its own."""

    erased: int
    seconds: float
    peak_megabytes: float

    @property
    def rate(self):
        """Accounts a second."""
        return self.erased / self.seconds


class Benchmark:
    """Databases that are copies of one which was filled once."""

    def __init__(self, name):
        self.template = f"benchmark_{name}"
        self.copy = f"{self.template}_copy"

    def url(self, database):
        """Return the address of a database on the test server."""
        return SERVER.rpartition("/")[0] + f"/{database}"

    def sql(self, *statements, database="postgres"):
        """Run statements outside a transaction; return the rows of the last one."""
        import psycopg

        with psycopg.connect(self.url(database).replace("postgres://", "postgresql://"), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def run(self, *command, database, **options):
        """Run Python in a process of its own; return what it wrote and its peak memory in bytes."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.url(database),
            "DJANGO_SETTINGS_MODULE": "example_project.settings",
            "DEBUG": "0",
            "SECRET_KEY": "for-benchmarks-only-" + "b" * 40,
            "PYTHONPATH": str(ROOT),
            "CUSTOMER_REGISTRATION": json.dumps(options),
        }
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        said = process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, said
        return said, usage.ru_maxrss / 1024

    def fresh(self):
        """Make a new copy of the filled database."""
        self.sql(
            f"DROP DATABASE IF EXISTS {self.copy} WITH (FORCE)",
            f"CREATE DATABASE {self.copy} TEMPLATE {self.template}",
            "CHECKPOINT",
        )

    def purge(self, *arguments, **options):
        """Purge a fresh copy."""
        self.fresh()
        said, peak = self.run("manage.py", "purge_accounts", *arguments, database=self.copy, **options)
        erased, seconds = re.search(r"^(\d+) erased, 0 failed in ([\d.]+) s", said, re.MULTILINE).groups()
        return Purge(int(erased), float(seconds), peak)


@pytest.fixture(scope="module")
def benchmark():
    made = Benchmark("purge")
    made.sql(f"DROP DATABASE IF EXISTS {made.template} WITH (FORCE)", f"CREATE DATABASE {made.template}")
    made.run("manage.py", "migrate", "-v0", database=made.template)
    made.run("-m", "tests.benchmarks.accounts", str(CUSTOMERS), str(DUE), database=made.template)
    made.run("manage.py", "update_insights", database=made.template)  # as beat does, every five minutes
    yield made
    for database in (made.copy, made.template):
        made.sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@pytest.fixture
def report(capsys):
    """Print a figure, also where nothing fails."""

    def say(line):
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return say


def test_the_claim_reads_its_index_and_not_the_table(benchmark):
    benchmark.fresh()
    plan = benchmark.sql(
        "EXPLAIN SELECT id, customer_ref FROM customer_registration_accountdeletionrequest "
        "WHERE due_at <= now() ORDER BY due_at LIMIT 1000 FOR UPDATE SKIP LOCKED",
        database=benchmark.copy,
    )
    text = "\n".join(line for (line,) in plan)
    assert "Index Scan using cr_deletion_due" in text
    assert "Seq Scan" not in text
    assert "Sort" not in text


def test_one_worker_two_workers_memory_and_the_cost_of_each_account(benchmark, report):
    few = benchmark.purge("--limit", str(FEW))
    all_of_them = benchmark.purge()
    assert (few.erased, all_of_them.erased) == (FEW, DUE)
    tenth = benchmark.purge("--limit", str(DUE // 10))
    two = benchmark.purge("--workers", "2")
    assert two.erased == DUE
    report(
        f"{CUSTOMERS} customers, {DUE} due: {all_of_them.rate:.0f} accounts a second by one worker, "
        f"{two.rate:.0f} by two ({two.rate / all_of_them.rate:.2f} times); {few.rate:.0f} for the first {FEW}; "
        f"peak {tenth.peak_megabytes:.0f} MB for {DUE // 10} accounts, {all_of_them.peak_megabytes:.0f} MB for {DUE}"
    )
    assert all_of_them.peak_megabytes < tenth.peak_megabytes * TOLERANCE
    if IN_FULL:
        assert all_of_them.rate >= RATE
        assert two.rate >= all_of_them.rate * SPEED_UP_OF_TWO
        assert all_of_them.rate * TOLERANCE >= few.rate


def test_accounts_with_a_handler(benchmark, report):
    count = min(DUE, 3000)
    chosen = {"ACCOUNT_DELETION_REQUEST": {"HANDLER": "tests.benchmarks.accounts.handler"}}
    purge = benchmark.purge("--limit", str(count), **chosen)
    assert purge.erased == count
    report(f"{purge.rate:.0f} accounts a second with a handler")
    if IN_FULL:
        assert purge.rate >= RATE_WITH_HANDLER
