"""Run the real Medusa, from npm, on a PostgreSQL database of its own, and let people sign up there."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyotp

from tests.medusa.people import ADMIN, ADMIN_PASSWORD, GOOGLE, GUESTS, LEFT, SHOPPERS, UNFINISHED, Shopper

HERE = Path(__file__).parent / "shop"
START_SECONDS = 120
STOP_SECONDS = 15
CODE_SECONDS = 10


class MedusaFailed(Exception):
    """The shop did not start, or refused what it should not."""


@contextmanager
def temporary_database(server: str, name: str) -> Iterator[str]:
    """Yield the URL of a new database on a server, and drop it at the end.

    Args:
        server: the URL of any database there.
        name: of the new one.
    """
    base = server.rpartition("/")[0]
    url = f"{base}/{name}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def fill(database: str, folder: Path, port: int) -> None:
    """Migrate a database with Medusa, start it, and let everybody sign up.

    Args:
        database: its URL.
        folder: for the shop's log and the codes it sends.
        port: a free one.

    Raises:
        MedusaFailed: it did not work; the message ends with the shop's log.
    """
    log, codes = folder / "medusa.log", folder / "codes"
    codes.touch()
    env = {name: value for name, value in os.environ.items() if not name.startswith("NODE_")} | {
        "DATABASE_URL": database,
        "CODES_FILE": str(codes),
        "PORT": str(port),
        "NODE_ENV": "production",
        "MEDUSA_DISABLE_TELEMETRY": "true",
    }
    with log.open("w") as output:
        _medusa("db:migrate", "--skip-scripts", env=env, output=output, log=log)
        _medusa("user", "--email", ADMIN, "--password", ADMIN_PASSWORD, env=env, output=output, log=log)
        shop = _start(env, output)
        try:
            _wait_for(shop, port, log)
            _sign_up_everybody(Api(f"http://127.0.0.1:{port}", log), codes)
        finally:
            _stop(shop)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(GOOGLE)


class Api:
    """Medusa's HTTP API.

    Args:
        url: of the shop.
        log: of the shop, for the message of a failure.
    """

    def __init__(self, url: str, log: Path) -> None:
        self._url, self._log = url, log
        self.headers: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> dict[str, Any]:
        """Send a request and return what the answer says."""
        headers = {"content-type": "application/json", **self.headers}
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except urllib.error.HTTPError as error:
            said = {"answer": error.read().decode()}
            raise MedusaFailed(f"{method} {path}: {error.code} {said}\n{self._log.read_text()[-2000:]}") from error

    def post(self, path: str, body: Any, *, token: str = "") -> dict[str, Any]:
        """POST."""
        return self.call("POST", path, body, token=token)


def _sign_up_everybody(api: Api, codes: Path) -> None:
    admin = api.post("/auth/user/emailpass", {"email": ADMIN, "password": ADMIN_PASSWORD})["token"]
    key = api.post("/admin/api-keys", {"title": "Shop", "type": "publishable"}, token=admin)["api_key"]["token"]
    channel = api.post("/admin/sales-channels", {"name": "Shop"}, token=admin)["sales_channel"]["id"]
    keys = api.call("GET", "/admin/api-keys?type=publishable", token=admin)["api_keys"]
    api.post(f"/admin/api-keys/{keys[0]['id']}/sales-channels", {"add": [channel]}, token=admin)
    api.headers["x-publishable-api-key"] = key
    ids = {shopper.login: _sign_up(api, shopper, codes) for shopper in SHOPPERS}
    api.call("DELETE", f"/admin/customers/{ids[LEFT.login]}", token=admin)
    for email in GUESTS:
        api.post("/admin/customers", {"email": email}, token=admin)
    # Staff who shops: one identity of a user and of a customer.
    token = api.post("/auth/customer/emailpass", {"email": ADMIN, "password": ADMIN_PASSWORD})["token"]
    api.post("/store/customers", {"email": ADMIN, "first_name": "Ada"}, token=token)


def _sign_up(api: Api, shopper: Shopper, codes: Path) -> str:
    credentials = {"email": shopper.login, "password": shopper.password}
    token = api.post("/auth/customer/emailpass/register", credentials)["token"]
    if shopper is UNFINISHED:
        return ""
    profile = {"email": shopper.login} | shopper.profile
    customer_id: str = api.post("/store/customers", profile, token=token)["customer"]["id"]
    if shopper.verified:
        asked = {"entity_id": shopper.login, "entity_type": "email"}
        api.post("/auth/verification/request", asked, token=token)
        api.post("/auth/verification/confirm", {"code": _code(codes, shopper.login)})
    if shopper.second_factor:
        made = api.post("/auth/mfa/factors", {"provider": "totp"}, token=token)
        code = pyotp.TOTP(made["secret"]).now()
        api.post(f"/auth/mfa/factors/{made['mfa_factor']['id']}/verify", {"code": code}, token=token)
    return customer_id


def _code(codes: Path, to: str) -> str:
    deadline = time.monotonic() + CODE_SECONDS
    while time.monotonic() < deadline:
        for line in reversed(codes.read_text().splitlines()):
            sent = json.loads(line)
            if sent["to"] == to:
                return str(sent["code"])
        time.sleep(0.05)
    raise MedusaFailed(f"no code was sent to {to}")


def _medusa(*arguments: str, env: dict[str, str], output: Any, log: Path) -> None:
    command = [str(HERE / "node_modules/.bin/medusa"), *arguments]
    done = subprocess.run(command, cwd=HERE, env=env, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise MedusaFailed(f"medusa {arguments[0]} failed:\n{log.read_text()[-4000:]}")


def _start(env: dict[str, str], output: Any) -> "subprocess.Popen[bytes]":
    command = [str(HERE / "node_modules/.bin/medusa"), "start"]
    return subprocess.Popen(command, cwd=HERE, env=env, stdout=output, stderr=output, start_new_session=True)


def _wait_for(shop: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while shop.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise MedusaFailed(f"Medusa did not start:\n{log.read_text()[-4000:]}")


def _stop(shop: "subprocess.Popen[bytes]") -> None:
    shop.terminate()
    try:
        shop.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        shop.kill()
        shop.wait()
