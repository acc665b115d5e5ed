"""A real Celery worker with beat, and a real web process, on Redis."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.live_shop import migrated  # noqa: F401  # fixture

redis = pytest.importorskip("redis", reason="install the redis extra")

ROOT = Path(__file__).parents[2]
REDIS = os.environ.get("TEST_REDIS_URL")

pytestmark = [
    pytest.mark.worker,
    pytest.mark.skipif(not REDIS, reason="set TEST_REDIS_URL=redis://host:port/db to run a real worker"),
]


@pytest.fixture
def shop(migrated, tmp_path):  # noqa: F811
    """Environment and base URL of an example project with a broker, on SQLite in a file."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
        "CELERY_BROKER_URL": str(REDIS),
        "CUSTOMER_REGISTRATION": "{}",
    }
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with redis.from_url(REDIS) as server:
        server.delete("celery", "unacked", "unacked_index")  # what an earlier run left behind
    bind = ["-b", f"127.0.0.1:{port}", "--workers", "2"]
    with process(
        [sys.executable, "-m", "gunicorn", "example_project.wsgi:application", *bind], environment, tmp_path / "web.log"
    ):
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: http(base, "/auth/customer/providers"), tmp_path / "web.log")
        yield base, environment, tmp_path


def run(command, environment):
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


@contextmanager
def process(command, environment, log):
    with log.open("wb") as output:
        started = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield started
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def worker(environment, tmp_path):
    command = [sys.executable, "-m", "celery", "-A", "example_project", "worker", "-B", "-c", "1", "-l", "INFO"]
    return process([*command, "-s", str(tmp_path / "beat")], environment, tmp_path / "worker.log")


def http(base, path, body=None, token=None, **headers):
    headers["content-type"] = "application/json"
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(base + path, data, headers), timeout=20) as answer:
        return json.load(answer)


def wait_for(probe, log, seconds=40):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if found := probe():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-4000:])


def order_code(base, email, language="en"):
    body, spoken = {"email": email, "password": "correct horse"}, {"accept-language": language}
    token = http(base, "/auth/customer/emailpass/register", body, **spoken)["token"]
    customer = http(base, "/store/customers", {}, token)["customer"]
    body = {"customer_id": customer["id"], "type": "email_verification"}
    return http(base, "/store/customers/otp/send", body)["token"]


def mail_to(base, email):
    return http(base, f"/inbox/messages?to={email}")["messages"]


def test_a_worker_delivers_what_a_web_process_queued(shop):
    base, environment, tmp_path = shop
    flow = order_code(base, "before@example.com")
    time.sleep(1)
    assert mail_to(base, "before@example.com") == []  # the web process does not deliver where there is a broker
    with worker(environment, tmp_path):
        [message] = wait_for(lambda: mail_to(base, "before@example.com"), tmp_path / "worker.log")
        code = re.search(r"\d{6}", message["text"])[0]
        assert http(base, "/store/customers/otp/verify", {"token": flow, "code": code})["verified"] is True
        order_code(base, "after@example.com", "de")
        [message] = wait_for(lambda: mail_to(base, "after@example.com"), tmp_path / "worker.log", seconds=5)
        assert message["text"].startswith("Hallo,"), "whatever the worker speaks, and the request for the code"


def test_the_delivery_is_logged_under_the_id_of_the_request_that_queued_it(shop):
    base, environment, tmp_path = shop
    body = json.dumps({"identifier": "traced@example.com"}).encode()
    url, headers = f"{base}/auth/customer/otp/pre-register", {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
        request_id = answer.headers["x-request-id"]
    log = tmp_path / "worker.log"

    def delivered():
        lines = [line for line in log.read_text().splitlines() if '"message_delivered"' in line]
        return json.loads(lines[0]) if lines else None

    with worker({**environment, "LOG_FORMAT": "json"}, tmp_path):
        line = wait_for(delivered, log)
    assert len(request_id) == 32
    assert (line["request_id"], line["kind"], line["channel"]) == (request_id, "code_registration", "email")
    assert "traced@" not in log.read_text()


def test_a_dead_broker_fails_no_request_and_beat_sends_every_code_later(shop):
    base, environment, tmp_path = shop
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = free.getsockname()[1]
    broken = {**environment, "CELERY_BROKER_URL": f"redis://127.0.0.1:{nobody}/0"}
    code = (
        "import django; django.setup();"
        "from django.test import Client; c = Client();"
        "p = lambda u, b, **h: c.post(u, b, content_type='application/json', headers=h).json();"
        "t = p('/auth/customer/emailpass/register',"
        "      {'email': 'late@example.com', 'password': 'correct horse'})['token'];"
        "i = p('/store/customers', {}, authorization='Bearer ' + t)['customer']['id'];"
        "print(p('/store/customers/otp/send', {'customer_id': i, 'type': 'email_verification'})['token'])"
    )
    began = time.monotonic()
    run([sys.executable, "-c", code], {**broken, "ALLOWED_HOSTS": "testserver"})
    assert time.monotonic() - began < 20
    assert mail_to(base, "late@example.com") == []
    with worker(environment, tmp_path):
        [message] = wait_for(lambda: mail_to(base, "late@example.com"), tmp_path / "worker.log")
    assert message["channel"] == "email"


def test_a_killed_worker_loses_no_message(shop):
    base, environment, tmp_path = shop
    with worker(environment, tmp_path) as first:
        wait_for(lambda: "ready." in (tmp_path / "worker.log").read_text(), tmp_path / "worker.log")
        os.killpg(first.pid, signal.SIGKILL)
    order_code(base, "survivor@example.com")
    with worker(environment, tmp_path):
        wait_for(lambda: mail_to(base, "survivor@example.com"), tmp_path / "worker.log")
    assert len(mail_to(base, "survivor@example.com")) == 1
