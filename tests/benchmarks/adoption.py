"""How long ``check_contacts`` and ``adopt_users`` take: ``python -m tests.benchmarks.adoption [USERS …]``.

Makes PostgreSQL databases of its own with so many users (100,000 and 1,000,000), of whom one in a thousand has an
address that another has in upper case, one in a thousand an invalid one, and one in ten thousand none. Prints the time
and the peak memory of each command, a process each, and ends with status 1 if a million take ten minutes or more, or
memory grows with the number of users. ``TEST_DATABASE_URL`` names the server.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.faults.servers import ROOT, SERVER, Database

BOUND_SECONDS, A_MILLION = 600, 1_000_000
FLAT = 1.25  # times as much memory for ten times as many users
COMMANDS = (["check_contacts"], ["adopt_users", "--dry-run"], ["adopt_users", "--verified", "email"], ["adopt_users"])
USERS = """
INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT 'pbkdf2_sha256$1000000$salt$' || md5(n::text), false, 'user' || n, 'First' || n % 997, 'Last' || n, CASE
    WHEN n % 10000 = 9 THEN ''
    WHEN n % 1000 = 7 THEN 'SHOPPER' || n - 1 || '@EXAMPLE' || (n - 1) % 5003 || '.COM'
    WHEN n % 1000 = 8 THEN 'nobody' || n
    ELSE 'shopper' || n || '@example' || n % 5003 || '.com' END, n % 100000 = 1, true, now() - n * interval '1 minute'
FROM generate_series(1, {users}) AS n
"""


@dataclass(frozen=True)
class Run:
    """What a command took."""

    users: int
    command: str
    seconds: float
    processor: float  # seconds of its own; the database's come on top
    megabytes: float
    said: str

    def __str__(self) -> str:
        cells = (f"{self.users:,}", f"`{self.command}`", f"{self.seconds:.0f} s", f"{self.processor:.0f} s")
        return f"| {' | '.join(cells)} | {self.megabytes:.0f} MB | {self.said} |"


def main(sizes: list[int]) -> int:
    """Measure and report; return 0 if the bounds are met."""
    runs = [run for users in sizes for run in measure(users)]
    slow = [run for run in runs if run.users >= A_MILLION and run.seconds >= BOUND_SECONDS]
    few, most = min(sizes), max(sizes)
    peaks = {(run.users, run.command): run.megabytes for run in runs}
    grown = [name for users, name in peaks if users == most and peaks[most, name] > peaks[few, name] * FLAT]
    for missed in (*map(str, slow), *(f"{name}: memory grows" for name in grown)):
        sys.stdout.write(f"MISSED: {missed}\n")
    return 1 if slow or grown else 0


def measure(users: int) -> list[Run]:
    """Fill a database and run every command on it."""
    import psycopg

    database = Database(SERVER, f"adoption_{os.getpid()}")
    database.create()
    try:
        subprocess.run([*MANAGE, "migrate", "-v0"], cwd=ROOT, env=environment(database), check=True)
        url = database.url.replace("postgres://", "postgresql://", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(USERS.format(users=users))
            connection.execute("VACUUM ANALYZE")
        return [take_the_time(users, command, database) for command in COMMANDS]
    finally:
        database.drop()


MANAGE = [sys.executable, "manage.py"]


def environment(database: Database) -> dict[str, str]:
    """Return what the shop's processes need."""
    own = {"DATABASE_URL": database.url, "DJANGO_SETTINGS_MODULE": "example_project.settings", "DEBUG": "0"}
    return {**os.environ, **own, "SECRET_KEY": "for-benchmarks-only-" + "b" * 40, "PYTHONPATH": str(ROOT)}


def take_the_time(users: int, command: list[str], database: Database) -> Run:
    """Run a command in a process of its own."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*MANAGE, *command],
        cwd=ROOT,
        env=environment(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    said = process.stdout.read().splitlines()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    summary = next((line for line in said if "adopted" in line.split(",")[0]), "")
    processor = usage.ru_utime + usage.ru_stime
    run = Run(users, " ".join(command), time.monotonic() - began, processor, usage.ru_maxrss / 1024, summary)
    sys.stdout.write(f"{run}\n")
    sys.stdout.flush()
    return run


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [A_MILLION // 10, A_MILLION]))
