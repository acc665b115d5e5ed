"""The real ``@medusajs/js-sdk`` against live shops.

The scenarios are the ``*.test.mjs`` files beside this one; node's own test runner runs them, on the SDK from npm.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from example_project.settings import merged

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SIGNING_KEY = "for-tests-only-" + "j" * 40
INSTALL_SECONDS = 300
START_SECONDS = 30
STOP_SECONDS = 10
NODE_SECONDS = 300
ONE_TEST_MILLISECONDS = 60_000

pytestmark = [
    pytest.mark.js_sdk,
    pytest.mark.skipif(os.environ.get("TEST_JS_SDK") != "1", reason="set TEST_JS_SDK=1 (needs node and npm)"),
]


class Shop(NamedTuple):
    """A configuration, the test files that run against it, and what those are told about it."""

    options: dict[str, Any]
    files: tuple[str, ...]
    told: dict[str, str] = {}


# What there is whatever people register by.
EVERYWHERE = (
    "contact-change.test.mjs",
    "password-reset.test.mjs",
    "account-deletion.test.mjs",
    "passwordless.test.mjs",
)
SHOPS = {
    "default": Shop(
        {},
        (
            "register.test.mjs",
            "login.test.mjs",
            "verification.test.mjs",
            "profile.test.mjs",
            "password-change.test.mjs",
            "sessions.test.mjs",
            *EVERYWHERE,
        ),
    ),
    "challenge": Shop(
        {"LOGIN": {"UNVERIFIED_RESPONSE": "challenge"}},
        ("dtc-starter.test.mjs",),
        {"UNVERIFIED_RESPONSE": "challenge"},
    ),
    "phone": Shop(
        {"REGISTRATION": {"IDENTIFIER": "phone"}},
        ("phone.test.mjs", *EVERYWHERE),
    ),
    "both": Shop(
        {"REGISTRATION": {"IDENTIFIER": "both"}},
        ("both.test.mjs", *EVERYWHERE),
    ),
    "second factor": Shop(
        {
            "REGISTRATION": {"IDENTIFIER": "both"},
            "EMAIL_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
            "PHONE_VERIFICATION": {"RESEND_THROTTLE_SECONDS": 0},
        },
        ("second-factor.test.mjs",),
    ),
    "second step": Shop({"LOGIN": {"SECOND_STEP": "otp"}}, ("second-step.test.mjs",)),
    "publishable key": Shop({"PUBLISHABLE_API_KEYS": ["pk_test"]}, ("publishable-key.test.mjs",)),
    "no verification": Shop(
        {"REGISTRATION": {"REQUIRE_VERIFICATION": False}, "TOKENS": {"SIGNING_KEY": SIGNING_KEY}},
        ("nextjs-starter.test.mjs", "dtc-starter.test.mjs", "stale-token.test.mjs"),
        {"SIGNING_KEY": SIGNING_KEY},
    ),
}

# All shoppers come from one address here, and the defaults for an address are for one household.
SENDS = "5/h/key,10/d/key,1000/h/ip"
ROOMIER = {
    "RATE_LIMITS": {
        "RULES": {
            "register": "1000/h/ip",
            "login": "1000/m/ip",
            "login_failed": "5/5m/key+ip,1000/m/ip",
            "code_send": SENDS,
            "password_reset": SENDS,
            "contact_change": SENDS,
            "account_deletion": SENDS,
        }
    }
}


@pytest.fixture(scope="module")
def sdk(testrun_uid: str) -> None:
    """Install the SDK, once a run, though several processes may share the run."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("TEST_JS_SDK=1 needs node and npm on the PATH")
    installed = HERE / "node_modules" / ".installed-for"
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.exists() and installed.read_text() == testrun_uid:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        if done.returncode:
            pytest.fail(f"npm ci failed:\n{done.stdout}{done.stderr}", pytrace=False)
        installed.write_text(testrun_uid)


def test_every_file_has_a_shop() -> None:
    files = {path.name for path in HERE.glob("*.test.mjs")}
    assert files == {name for shop in SHOPS.values() for name in shop.files}


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    assert packages["node_modules/@medusajs/js-sdk"]["version"] == "2.21.2"
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.usefixtures("sdk")
def test_sdk(name: str, tmp_path: Path) -> None:
    shop = SHOPS[name]
    with open_shop(shop.options, tmp_path) as (url, log):
        done = run_node(shop, url)
        sys.stdout.write(f"\n{name} shop\n{done.stdout}{done.stderr}")
        counts = {word: int(number) for word, number in re.findall(r"^ℹ (\w+) (\d+)$", done.stdout, re.MULTILINE)}
        if done.returncode or not counts["tests"] == counts["pass"] > 0:
            pytest.fail(f"node failed, see its output; the shop said:\n{log.read_text()}", pytrace=False)
    assert "Traceback" not in log.read_text(), log.read_text()


def run_node(shop: Shop, url: str) -> subprocess.CompletedProcess[str]:
    """Run the shop's test files, each in a process of its own."""
    command = ["node", "--test", "--test-reporter=spec", f"--test-timeout={ONE_TEST_MILLISECONDS}", *shop.files]
    env = {name: value for name, value in os.environ.items() if not name.startswith("NODE_")}
    mode = shop.options.get("REGISTRATION", {}).get("IDENTIFIER", "email")
    env |= {"BASE_URL": url, "IDENTIFIER": mode, "NO_COLOR": "1"} | shop.told
    return subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=NODE_SECONDS, check=False)


@contextmanager
def open_shop(options: dict[str, Any], folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve the example project with options, on a database of its own; yield its URL and its log."""
    env = environment(options, folder)
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    done = subprocess.run(migrate, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    log = folder / "shop.log"
    # Its control socket has one place in the home directory; shops side by side would fight for it.
    config = folder / "gunicorn.conf.py"
    config.write_text("control_socket_disable = True\n")
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("w") as output:
        port, fd = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-m", "gunicorn", f"--config={config}", "--workers=2", f"--bind=fd://{fd}"]
        shop = subprocess.Popen(
            [*command, "example_project.wsgi:application"],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            pass_fds=[fd],
            start_new_session=True,
        )
    try:
        wait_for(shop, port, log)
        yield f"http://127.0.0.1:{port}", log
    finally:
        stop(shop)


def environment(options: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the environment of a shop: nothing of the test run's own settings."""
    foreign = ("REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "SECRET_KEY", "STOREFRONT_URL", "GUNICORN_CMD_ARGS")
    return {name: value for name, value in os.environ.items() if name not in foreign} | {
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
        "DEBUG": "1",
        "CUSTOMER_REGISTRATION": json.dumps(merged(ROOMIER, options)),
    }


def wait_for(shop: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return once the shop answers, whatever it says: node judges that."""
    deadline = time.monotonic() + START_SECONDS
    while shop.poll() is None and time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/auth/customer/providers")
            connection.getresponse()
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    pytest.fail(f"The shop did not start:\n{log.read_text()}", pytrace=False)


def stop(shop: subprocess.Popen[bytes]) -> None:
    """End the shop and its workers."""
    shop.terminate()
    try:
        shop.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(shop.pid, signal.SIGKILL)
        shop.wait()
