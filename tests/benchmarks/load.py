"""A shop at its machine's limit: gunicorn, PostgreSQL, Redis and a Celery worker, used from another process.

``python -m tests.benchmarks.load --minutes 5`` makes a database and a Redis of its own, lets people register, verify,
log in, look at themselves, move to another address and forget their password, and prints what was answered, how fast,
and what web and worker hold in memory. Its status is 1 if there was a 5xx, if a code was lost, or if memory grew.

``TEST_DATABASE_URL`` names the PostgreSQL server; ``redis-server`` must be on the PATH, and nothing else should run on
the machine. Settings are those of production, with limits by address that one address can live with.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.benchmarks.memory import Watch
from tests.faults.servers import ROOT, SERVER, Database, RedisServer, wait_for
from tests.faults.shop import Shop

WARM_UP_SECONDS = 30.0  # what loads at first use is no leak
TOLERANCE = 0.05
UNSENT = "SELECT count(*) FROM customer_registration_outboxmessage WHERE state NOT IN ('sent', 'suppressed')"


def main(arguments: list[str] | None = None) -> int:
    """Run the load and print the report; return 0 if every claim holds."""
    parser = argparse.ArgumentParser(description="Load a shop to its machine's limit.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--people", type=int, default=16, help="who use the shop at the same time")
    parser.add_argument("--warm-up", type=float, default=WARM_UP_SECONDS, help="seconds before the first minute")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database, redis = Database(SERVER, f"load_{os.getpid()}"), RedisServer(Path(folder) / "redis")
        redis.start()
        try:
            database.create()
            return run(database, redis, Path(folder), chosen)
        finally:
            redis.stop()
            database.drop()


def run(database: Database, redis: RedisServer, folder: Path, chosen: Any) -> int:
    """Start the shop, load it, and judge what was seen."""
    shop = Shop.on(
        database,
        folder,
        DJANGO_SETTINGS_MODULE="example_project.settings",
        REDIS_URL=redis.url,
        CELERY_BROKER_URL=redis.url.removesuffix("0") + "1",
    )
    shop.manage("migrate", "-v0")
    seconds = chosen.minutes * 60
    with shop.worker(processes=2) as worker, shop.web() as web:
        if chosen.warm_up:
            load(shop, chosen.warm_up, chosen.people)
        watch = Watch(web=web.pid, worker=worker.pid)
        watch.start()
        began = time.monotonic()
        seen = load(shop, seconds, chosen.people)
        took = time.monotonic() - began
        watch.stop()
        wait_for(lambda: not database.value(UNSENT), "messages were left unsent", seconds=60)
    memory = {name: watch.by_minute(name, seconds) for name in ("web", "worker")}
    problems = report(seen, took, memory)
    for problem in problems:
        say(f"FAILED: {problem}")
    return 1 if problems else 0


def load(shop: Shop, seconds: float, people: int) -> dict[str, Any]:
    """Let people shop from a process of their own; return what they saw."""
    command = [sys.executable, "-m", "tests.benchmarks.shoppers", str(shop.port), shop.database.url]
    done = subprocess.run(
        [*command, str(seconds), str(people)],
        cwd=ROOT,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def report(seen: dict[str, Any], seconds: float, memory: dict[str, list[float]]) -> list[str]:
    """Print the figures; return the claims that do not hold."""
    answers: dict[str, list[float]] = seen["answers"]
    requests = sum(len(taken) for taken in answers.values())
    say(f"{requests} requests in {seconds:.0f} s, {requests / seconds:.1f} a second, by {seen['lives']} people\n")
    say(f"{'route':<44}{'status':>7}{'count':>8}{'p50 ms':>8}{'p95':>7}{'p99':>7}{'max':>7}")
    statuses: dict[str, int] = defaultdict(int)
    for name, taken in sorted(answers.items()):
        route, _, status = name.rpartition(" ")
        statuses[status] += len(taken)
        cuts = quantiles(taken, n=100, method="inclusive") if len(taken) > 1 else taken * 99
        shown = "".join(
            f"{1000 * each:>{width}.0f}"
            for each, width in zip((cuts[49], cuts[94], cuts[98], max(taken)), (8, 7, 7, 7), strict=True)
        )
        say(f"{route:<44}{status:>7}{len(taken):>8}{shown}")
    say(f"\ncodes and links: {seen['asked']} asked for, {seen['arrived']} arrived, {seen['used']} used")
    for name, minutes in memory.items():
        say(f"{name}, MB by the minute: {' '.join(f'{each:.1f}' for each in minutes) or 'under a minute'}")
    return [*_unanswered(statuses), *_lost(seen), *_leaks(memory)]


def _unanswered(statuses: dict[str, int]) -> list[str]:
    bad = {status: count for status, count in statuses.items() if status == "0" or status.startswith("5")}
    return [f"answers by status: {bad}"] if bad else []


def _lost(seen: dict[str, Any]) -> list[str]:
    problems = [f"{count} times: {said}" for said, count in _counted(seen["surprises"]).items()]
    if not seen["asked"] == seen["arrived"] == seen["used"]:
        problems.append(f"of {seen['asked']} codes {seen['arrived']} arrived and {seen['used']} were used")
    return problems


def _leaks(memory: dict[str, list[float]]) -> list[str]:
    grown = {name: minutes[-1] / minutes[0] - 1 for name, minutes in memory.items() if len(minutes) > 1}
    for name, share in grown.items():
        say(f"{name}, first to last full minute: {share:+.1%}")
    return [f"{name} grew by {share:.1%}" for name, share in grown.items() if share > TOLERANCE]


def _counted(said: list[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for each in said:
        counts[each] += 1
    return counts


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
