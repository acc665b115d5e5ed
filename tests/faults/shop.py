"""A shop of real processes: gunicorn, a Celery worker with beat, and the people who use it over HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from example_project.settings import merged
from tests.faults.servers import ROOT, Database, free_port, wait_for

PASSWORD = "correct horse battery"
# Every visitor comes from one address here.
SENDS = "5/h/key,10/d/key,100000/h/ip"
ROOMIER = {
    "RATE_LIMITS": {
        "RULES": {
            "register": "100000/h/ip",
            "login": "100000/m/ip",
            "login_failed": "5/5m/key+ip,100000/m/ip",
            **dict.fromkeys(("code_send", "password_reset", "contact_change", "account_deletion"), SENDS),
        }
    }
}
FOREIGN = ("REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "STOREFRONT_URL", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY")


@dataclass
class Answer:
    """What a route said, and how long that took; status 0 where the connection broke."""

    path: str
    status: int
    body: Any
    headers: dict[str, str]
    seconds: float


@dataclass
class Shop:
    """The processes on one database, and everything they answered."""

    database: Database
    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def on(cls, database: Database, folder: Path, *, options: dict[str, Any] | None = None, **variables: str) -> "Shop":
        """Return a shop with options of its own; ``variables`` are those of the example project."""
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        own = {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DEBUG": "0",
            "SECRET_KEY": "for-tests-only-" + "f" * 40,
            "DATABASE_URL": database.url,
            "PYTHONPATH": str(ROOT),
            "CUSTOMER_REGISTRATION": json.dumps(merged(ROOMIER, options or {})),
        }
        return cls(database, folder, kept | own | variables)

    @contextmanager
    def open(self, *, web_workers: int = 2) -> Iterator["Shop"]:
        """Serve, with a Celery worker and the sweep; both start at the same time."""
        with self.worker(wait=False), self.web(workers=web_workers):
            wait_for(lambda: "ready." in Path(self.log("worker")).read_text(), self.log("worker"))
            yield self

    @contextmanager
    def web(self, *, workers: int = 2, threads: int = 4, nice: int = 0) -> Iterator[subprocess.Popen[bytes]]:
        """Serve by gunicorn, and stop it; what is nice leaves the cores to others."""
        config = self.folder / "gunicorn.conf.py"
        # Its control socket has one place in the home directory; shops side by side would fight for it.
        # Nor shall a worker that ends by itself break a connection.
        own = f"control_socket_disable = True\nthreads = {threads}\nmax_requests = 0\n"
        config.write_text((ROOT / "gunicorn.conf.py").read_text() + own)
        bind = [f"--workers={workers}", f"--bind=127.0.0.1:{self.port}", f"--config={config}"]
        command = ["nice", f"-n{nice}", sys.executable, "-m", "gunicorn", *bind, "example_project.wsgi:application"]
        with self._process("web", command) as process:
            wait_for(lambda: self.get("/auth/customer/providers").status == 200, self.log("web"))
            self.answers.clear()
            yield process

    @contextmanager
    def worker(self, *, beat: bool = True, processes: int = 1, wait: bool = True) -> Iterator[subprocess.Popen[bytes]]:
        """Run a Celery worker, with the sweep if ``beat``, and kill it.

        It is kept alive as systemd or Docker would: kombu's Redis transport ends the worker where a broker goes away
        that it holds messages of.
        """
        keep_alive = ["sh", "-c", 'while :; do "$@"; sleep 0.2; done', "supervisor"]
        command = [*keep_alive, sys.executable, "-m", "celery", "-A", "example_project", "worker", "-l", "INFO"]
        sweep = ["-B", "-s", str(self.folder / "beat")] if beat else []
        Path(self.log("worker")).unlink(missing_ok=True)
        with self._process("worker", [*command, "-c", str(processes), *sweep]) as process:
            if wait:
                wait_for(lambda: "ready." in Path(self.log("worker")).read_text(), self.log("worker"))
            yield process

    @contextmanager
    def sweep(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run one sweep of the outbox, and kill it."""
        with self._process("sweep", [sys.executable, "manage.py", "deliver_messages"]) as process:
            yield process

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it wrote."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log(self, name: str) -> str:
        """Return the path of a process's log."""
        return str(self.folder / f"{name}.log")

    @contextmanager
    def _process(self, name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
        with open(self.log(name), "ab") as output:
            started = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        try:
            yield started
        finally:
            kill(started)

    def post(self, path: str, body: Any = None, token: str | None = None) -> Answer:
        """POST JSON."""
        return self.request("POST", path, {} if body is None else body, token)

    def get(self, path: str, token: str | None = None) -> Answer:
        """GET."""
        return self.request("GET", path, None, token)

    def request(self, method: str, path: str, body: Any, token: str | None, **extra: str) -> Answer:
        """Send one request on a connection of its own, and keep the answer."""
        headers = extra | ({"content-type": "application/json"} if body is not None else {})
        if token:
            headers["authorization"] = f"Bearer {token}"
        began = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            said = connection.getresponse()
            text, status, sent = said.read().decode(), said.status, {k.lower(): v for k, v in said.getheaders()}
        except (OSError, HTTPException) as error:
            text, status, sent = repr(error), 0, {}
        finally:
            connection.close()
        parsed = json.loads(text) if sent.get("content-type", "").startswith("application/json") else text
        answer = Answer(path, status, parsed, sent, time.monotonic() - began)
        self.answers.append(answer)
        return answer

    def statuses(self) -> Counter[int]:
        """Count the answers by status."""
        return Counter(answer.status for answer in self.answers)

    def register(self, email: str) -> str:
        """Sign somebody up and return their registration token."""
        answer = self.post("/auth/customer/emailpass/register", {"email": email, "password": PASSWORD})
        assert answer.status == 200, answer
        return str(answer.body["token"])

    def sign_up(self, email: str) -> str:
        """Sign somebody up, create the customer, and return their id."""
        answer = self.post("/store/customers", {"first_name": "Jane"}, self.register(email))
        assert answer.status == 200, answer
        return str(answer.body["customer"]["id"])

    def send_code(self, customer_id: str, kind: str = "email") -> Answer:
        """Ask for a verification code."""
        return self.post("/store/customers/otp/send", {"customer_id": customer_id, "type": f"{kind}_verification"})

    def verify(self, flow: str, code: str) -> Answer:
        """Bring a code."""
        return self.post("/store/customers/otp/verify", {"token": flow, "code": code})

    def logged_in(self, email: str) -> str:
        """Sign somebody up, prove the address by the code in their inbox, and return a login token."""
        flow = self.send_code(self.sign_up(email)).body["token"]
        answer = self.verify(flow, self.code_to(email))
        assert answer.status == 200, answer
        return str(answer.body["token"])

    def delivered(self) -> dict[str, list[str]]:
        """Return the codes that arrived in the inbox: address → codes, oldest first, one for each message."""
        codes: dict[str, list[str]] = {}
        for to, text in self.database.sql('SELECT "to", text FROM inbox_inboxmessage ORDER BY id'):
            if found := re.search(r"^(?: {4})?(\d{6})\b", text, re.MULTILINE):
                codes.setdefault(to, []).append(found[1])
        return codes

    def code_to(self, to: str) -> str:
        """Return the newest code to somebody, once it has arrived."""
        return str(wait_for(lambda: self.delivered().get(to), f"no code for {to}")[-1])

    def let_time_pass(self) -> None:
        """Bring every lease and pause of the outbox to its end, and take its errors as read."""
        queued = "UPDATE customer_registration_outboxmessage SET next_attempt_at = now(), last_error = ''"
        self.database.sql(f"{queued} WHERE state = 'queued'")


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a process and its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def crowd(act: Callable[[str], Any], *, people: int = 6, pause: float = 0.05) -> Iterator[list[Any]]:
    """Let people act one after another, each under a name of their own, until the block ends.

    Yields the list of what ``act`` returned, complete at the end; what it raises is raised then.
    """
    done: list[Any] = []
    over: list[bool] = []

    def act_again(person: int) -> None:
        turn = 0
        while not over:
            done.append(act(f"person{person}.{turn}"))
            turn += 1
            time.sleep(pause)

    with ThreadPoolExecutor(people) as pool:
        running = [pool.submit(act_again, person) for person in range(people)]
        try:
            yield done
        finally:
            over.append(True)
        for each in running:
            each.result()
