"""How fast the app is, beside what Django, REST framework and a hash cost by themselves.

``python -m tests.benchmarks`` starts everything on the loopback interface: a PostgreSQL database and a Redis of its
own, gunicorn with two workers, DEBUG off. It asks the floors and our routes in turn, several rounds of each, prints
the medians as a Markdown table, and ends with status 1 if a target is missed. ``--against URL`` asks any server that
speaks the contract instead.

``TEST_DATABASE_URL`` names the PostgreSQL server; ``redis-server`` must be on the PATH, and nothing else should run on
the machine: only ratios within one run count.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.against import Server
from tests.benchmarks.options import parser
from tests.faults.servers import ROOT, SERVER, Database, RedisServer
from tests.faults.shop import Shop

# Everybody comes from one address. As many limits as by default, none of which is reached.
RULES = {
    "login": "10000000/m/ip",
    "login_failed": "5/5m/key+ip,10000000/m/ip",
    "register": "10000000/h/ip",
    "code_send": "5/h/key,10/d/key,10000000/h/ip",
    "password_reset": "5/h/key,10/d/key,10000000/h/ip",
}


def main(arguments: list[str] | None = None) -> int:
    """Measure and report; return 0 if every target is met."""
    chosen = parser().parse_args(arguments)
    if chosen.against:
        table = Server(chosen).measure()
        if chosen.output:
            chosen.output.write_text(table)
        sys.stdout.write(table)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        database = Database(SERVER, chosen.database or f"bench_{os.getpid()}")
        redis = RedisServer(Path(folder) / "redis")
        redis.start()
        try:
            if not chosen.database:
                database.create()
            return _measure(database, redis, Path(folder), sys.argv[1:] if arguments is None else arguments)
        finally:
            redis.stop()
            if not chosen.database:
                database.drop()


def _measure(database: Database, redis: RedisServer, folder: Path, arguments: list[str]) -> int:
    shop = Shop.on(
        database,
        folder,
        options={"RATE_LIMITS": {"RULES": RULES}},
        DJANGO_SETTINGS_MODULE="tests.benchmarks.settings",
        REDIS_URL=redis.url,
        CELERY_BROKER_URL=redis.url.removesuffix("0") + "1",
    )
    shop.manage("migrate", "-v0")
    # A process of its own, whose Django is the shop's: it writes people and reads codes as the shop would.
    own = [sys.executable, "-m", "tests.benchmarks.measuring", database.name, str(folder)]
    return subprocess.run([*own, *arguments], cwd=ROOT, env=shop.environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
