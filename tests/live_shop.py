"""Serve the example project to clients that are no Python: node's SDK, and a browser."""

import fcntl
import json
import os
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
from typing import Any

import pytest

from example_project.settings import merged

ROOT = Path(__file__).parent.parent
INSTALL_SECONDS = 300
START_SECONDS = 30
STOP_SECONDS = 10

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


def install_packages(folder: Path, run: str, switch: str, *, seconds: int = INSTALL_SECONDS) -> None:
    """Install what a folder's lock file names, once a run, though several processes may share the run."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail(f"{switch} needs node and npm on the PATH")
    installed = folder / "node_modules" / ".installed-for"
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed.exists() and installed.read_text() == run:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)
        if done.returncode:
            pytest.fail(f"npm ci failed:\n{done.stdout}{done.stderr}", pytrace=False)
        installed.write_text(run)


def packages_of(folder: Path) -> dict[str, Any]:
    """Return the packages of a lock file, none of which may name the registry that it came from."""
    packages: dict[str, Any] = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert [name for name, each in packages.items() if "resolved" in each and not each.get("link")] == []
    return packages


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that is migrated, for `open_shop` to copy: that takes as long as a whole story."""
    folder = tmp_path_factory.mktemp("migrated")
    manage(environment({}, folder), "migrate", "--verbosity=0")
    return folder


@contextmanager
def open_shop(options: dict[str, Any], made: Path, folder: Path, *arguments: str) -> Iterator[tuple[str, Path]]:
    """Serve the example project with options, on a copy of the database in `made`; yield its URL and its log."""
    env = environment(options, folder)
    shutil.copytree(made, folder, dirs_exist_ok=True)
    log = folder / "shop.log"
    # Its control socket has one place in the home directory; shops side by side would fight for it.
    config = folder / "gunicorn.conf.py"
    config.write_text("control_socket_disable = True\n")
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("w") as output:
        port, fd = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-m", "gunicorn", f"--config={config}", "--workers=2", f"--bind=fd://{fd}"]
        shop = subprocess.Popen(
            [*command, *arguments, "example_project.wsgi:application"],
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


def manage(env: dict[str, str], *arguments: str) -> None:
    """Run a management command of the shop."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def wait_for(shop: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return once the shop answers, whatever it says: the client judges that."""
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


def stop(shop: "subprocess.Popen[bytes]") -> None:
    """End the shop and its workers."""
    shop.terminate()
    try:
        shop.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(shop.pid, signal.SIGKILL)
        shop.wait()


def run_node(
    folder: Path, files: tuple[str, ...], told: dict[str, str], *, seconds: int, options: tuple[str, ...]
) -> str:
    """Run test files, each in a process of its own; return why they failed, or nothing."""
    command = ["node", "--test", "--test-reporter=spec", *options, *files]
    env = {name: value for name, value in os.environ.items() if not name.startswith("NODE_")} | {"NO_COLOR": "1"} | told
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    sys.stdout.write(f"{done.stdout}{done.stderr}")
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("ℹ ")]
    counts = {line[1]: int(line[2]) for line in lines if len(line) == 3 and line[2].isdigit()}
    is_good = done.returncode == 0 and counts["tests"] == counts["pass"] > 0
    return "" if is_good else "node failed, see its output"
