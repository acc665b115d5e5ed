"""Migrate in processes that are killed at a statement of the caller's choosing.

Reads lines of JSON from standard input, ``{"to": "0002", "kill_at": 7}``, and answers each with a line of JSON: how the
process that migrated ended, and how many statements it ran. ``full`` lets SQLite's disk be full so many pages on;
``fill`` writes somebody who is leaving.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

APP = "customer_registration"


def work(to: str, *, kill_at: int = 0, full: int | None = None, fill: bool = False, tell: Callable[[int], Any]) -> None:
    """Migrate the app, and be killed before the statement of a number, the first one being 1.

    Django records a migration in a statement of its own once its transaction is over; who is killed between the two has
    to ``migrate --fake``, whatever the app. So that statement does not count.
    """
    count = 0

    def counting(execute: Any, sql: str, *arguments: Any) -> Any:
        nonlocal count
        if not sql.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN")) and "django_migrations" not in sql:
            count += 1
            tell(count)
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, *arguments)

    if full is not None:
        with connection.cursor() as cursor:
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages + full}")
    with connection.execute_wrapper(counting):
        call_command("migrate", *([APP, to] if to else []), verbosity=0)
    if fill:
        leave()


def leave() -> None:
    """Write a customer who is leaving, with a code, a message and an event."""
    from tests.races.departures import departures

    departures(3)


def in_a_child(**order: Any) -> dict[str, Any]:
    """Fork, work there, and return how that ended."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        status = 1
        try:
            work(**order, tell=lambda count: os.write(writing, b"."))
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, "rb") as told:
        statements = len(told.read())
    return {"status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "statements": statements}


for line in iter(sys.stdin.readline, ""):
    sys.stdout.write(json.dumps(in_a_child(**json.loads(line))) + "\n")
    sys.stdout.flush()
