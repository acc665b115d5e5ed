"""What it costs to have the app installed before anybody calls it: at Django's setup, at a cold start, in memory.

Of the figures `setup_milliseconds` and `loaded_at_setup` need nothing but Python. `cold_start_seconds` and
`idle_megabytes` take a shop whose database is migrated, as `shop_on` makes one.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.memory import family, megabytes
from tests.faults.servers import ROOT, Database
from tests.faults.shop import PASSWORD, Shop

CUSTOMERS = "customer_registration_customer"
# What loads at first use: each is large, and most processes never ask for most of them.
HEAVY = (
    "celery", "cryptography", "drf_spectacular", "email_validator", "jwt", "kombu", "limits", "phonenumbers", "redis",
    "rest_framework_simplejwt",
)  # fmt: skip

# A project that has Django's accounts and REST framework, which it loads anyway, and then the app or not.
PROJECT = """
import json, resource, sys
import django
from django.conf import settings

ours = ["customer_registration"] if sys.argv[1] == "with" else []
theirs = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "rest_framework"]
settings.configure(SECRET_KEY="for-benchmarks-only" * 3, USE_TZ=True, INSTALLED_APPS=[*theirs, *ours])
django.setup()
import rest_framework.views
spent = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"milliseconds": 1000 * (spent.ru_utime + spent.ru_stime), "modules": sorted(sys.modules)}))
"""


def setup_milliseconds(with_app: bool, *, tries: int = 3) -> float:
    """Return the CPU time of a fresh interpreter up to the end of ``django.setup()``, the least of so many tries."""
    return min(float(_set_up(with_app)["milliseconds"]) for _ in range(tries))


def added_milliseconds(*, tries: int = 3) -> float:
    """Return what the app adds to that time. With and without take turns, so that a busy machine slows both alike."""
    pairs = [(setup_milliseconds(True, tries=1), setup_milliseconds(False, tries=1)) for _ in range(tries)]
    return min(with_app for with_app, _ in pairs) - min(without for _, without in pairs)


def loaded_at_setup() -> set[str]:
    """Return the names of all modules that are loaded once a project with the app is set up."""
    return set(_set_up(True)["modules"])


def heavy_at_setup() -> list[str]:
    """Return those of `HEAVY` that a project with the app has loaded once it is set up."""
    return sorted(loaded_at_setup().intersection(HEAVY))


def _set_up(with_app: bool) -> dict:
    command = [sys.executable, "-c", PROJECT, "with" if with_app else "without"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@contextmanager
def shop_on(database: Database, **variables: str) -> Iterator[Shop]:
    """Make a database anew, migrate it, and yield the example project on it, as in production; drop it at the end."""
    database.create()
    try:
        with TemporaryDirectory() as folder:
            shop = Shop.on(database, Path(folder), DJANGO_SETTINGS_MODULE="example_project.settings", **variables)
            shop.manage("migrate", "-v0")
            yield shop
    finally:
        database.drop()


def cold_start_seconds(shop: Shop, *, tries: int = 3) -> float:
    """Return the time from the start of gunicorn to its first answer, the least of so many tries."""
    return min(_start(shop) for _ in range(tries))


def _start(shop: Shop) -> float:
    began = time.monotonic()
    with shop.web(workers=1):
        return time.monotonic() - began


def idle_megabytes(shop: Shop, *, rounds: int = 3, tries: int = 3) -> float:
    """Return what the one worker of a shop holds (proportional set size) after a few visits to each common route.

    The least of so many tries: where a small block has come to lie in the place of the last hash, the next takes
    another 19 MiB, and both stay.
    """
    return min(_idle(shop, rounds) for _ in range(tries))


def _idle(shop: Shop, rounds: int) -> float:
    with shop.web(workers=1) as master:
        for turn in range(rounds):
            _visit(shop, f"visitor{time.time_ns()}.{turn}@example.com")
        [worker] = family(master.pid)[1:]
        return megabytes(worker)


def _visit(shop: Shop, email: str) -> None:
    answers = [shop.get("/auth/customer/providers")]
    customer = shop.sign_up(email)
    answers.append(shop.send_code(customer))
    shop.database.sql(f"UPDATE {CUSTOMERS} SET email_verified_at = now() WHERE id = %s", customer)
    answers.append(shop.post("/auth/customer/emailpass", {"email": email, "password": PASSWORD}))
    answers.append(shop.get("/store/customers/me", answers[-1].body["token"]))
    assert {answer.status for answer in answers} == {200}, answers
