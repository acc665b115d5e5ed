"""The shop in Debian's Chromium: every story in each identifier mode, on a phone's page and a desktop's.

The stories are the ``*.test.mjs`` files beside this one. Node's own test runner runs them with Playwright, two files at
a time, against one live shop a mode. Every state of every page is looked through by axe, light and dark.

``TEST_BROWSER_SCREENSHOTS=<folder>`` keeps a picture of each.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from customer_registration.conf import IDENTIFIER_MODES
from tests.live_shop import ROOT, environment, install_packages, manage, open_shop, packages_of, run_node

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium")
NODE_SECONDS = 900  # on a busy machine; it takes a minute or two
ONE_FILE_MILLISECONDS = 600_000
# A shop a mode, and one whose inbox holds nothing but what its own test makes it send.
SHOPS = {mode: mode for mode in IDENTIFIER_MODES} | {"inbox": "both"}
STAFF = {"DJANGO_SUPERUSER_USERNAME": "staff", "DJANGO_SUPERUSER_PASSWORD": "staff of the browser test"}
# Messages name a shop. Codes of one purpose follow each other in a story, and nobody waits a minute for the next.
OPTIONS = {
    "STOREFRONT_URL": "https://osier.example",
    "EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 1},
    "PHONE_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 1},
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.environ.get("TEST_BROWSER") != "1", reason="set TEST_BROWSER=1 (needs node, npm, chromium)"),
]


@pytest.fixture(scope="module")
def browser(testrun_uid: str) -> None:
    """Install Playwright and axe; the browser is the system's own."""
    install_packages(HERE, testrun_uid, "TEST_BROWSER=1")
    if not shutil.which(CHROMIUM):
        pytest.fail(f"TEST_BROWSER=1 needs Chromium at {CHROMIUM}; CHROMIUM_PATH names another place")


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[str, Path]]]:
    """Open the shops, with somebody on their staff."""
    # Browsers keep style sheets and scripts as they do in production: half of all requests would be for them.
    monkeypatch.setenv("STATIC_MAX_AGE", "3600")
    made = tmp_path / "made"
    made.mkdir()
    env = environment({}, made) | STAFF
    manage(env, "migrate", "--verbosity=0")
    manage(env, "createsuperuser", "--noinput", "--email=staff@example.com")
    if "TEST_BROWSER_SCREENSHOTS" in os.environ:  # figures look like something after a season
        subprocess.run([sys.executable, "-m", "tests.benchmarks.season"], cwd=ROOT, env=env, check=True)
    with ExitStack() as opened:
        yield {name: opened.enter_context(shop_in(mode, tmp_path / name, made)) for name, mode in SHOPS.items()}


def shop_in(mode: str, folder: Path, made: Path) -> Any:
    """Open a shop in a mode."""
    options = OPTIONS | {"REGISTRATION": {"IDENTIFIER": mode}}
    # Threads of one process have one memory, and so one count of what the limits allow.
    return open_shop(options, made, folder, "--workers=1", "--threads=8")


def test_the_lock_file_names_no_registry() -> None:
    assert {"node_modules/playwright-core", "node_modules/axe-core"} <= packages_of(HERE).keys()


@pytest.mark.usefixtures("browser")
def test_in_the_browser(shops: dict[str, tuple[str, Path]]) -> None:
    files = tuple(sorted(path.name for path in HERE.glob("*.test.mjs")))
    told = {
        "SHOPS": json.dumps({name: url for name, (url, _) in shops.items()}),
        "CHROMIUM_PATH": CHROMIUM,
        "STAFF": json.dumps([*STAFF.values()]),
    }
    limits = (f"--test-timeout={ONE_FILE_MILLISECONDS}", "--test-concurrency=2")
    failed = run_node(HERE, files, told, seconds=NODE_SECONDS, options=limits)
    logs = {name: log.read_text() for name, (_, log) in shops.items()}
    said = [f"The shop called {name} said:\n{log}" for name, log in logs.items() if "Traceback" in log]
    if failed or said:
        pytest.fail("\n".join([failed, *said]), pytrace=False)
