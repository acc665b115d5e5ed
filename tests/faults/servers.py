"""Servers of a test's own, to be stopped, frozen and killed: Redis on a free port, a database beside the test run's."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVER = os.environ.get("TEST_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
START_SECONDS = 30
OBSERVER = "tests.faults"  # the test's own connections, which it does not end


def wait_for(probe: Any, what: str, *, seconds: float = START_SECONDS) -> Any:
    """Return the first true answer of ``probe``; an ``OSError`` is none yet.

    Args:
        probe: is asked again and again.
        what: the failure says that it did not happen, with the end of the file if it is a path.
        seconds: how long.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            if found := probe():
                return found
        time.sleep(0.05)
    said = Path(what).read_text()[-6000:] if os.path.isfile(what) else what
    raise AssertionError(f"Not within {seconds:g} s: {said}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class RedisServer:
    """A ``redis-server`` process on a port that stays the same over restarts.

    Args:
        folder: where it keeps its file, if it does.
        durable: each write is on disk before it is answered, so that a restart brings it back; else a restart forgets.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        if not shutil.which("redis-server"):
            pytest.fail("TEST_REDIS_URL is set, and these tests start a redis-server of their own: put it on the PATH")
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._keeps = ["--appendonly", "yes", "--appendfsync", "always"] if durable else ["--appendonly", "no"]
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        with open(self.folder / "redis.log", "ab") as log:
            self._process = subprocess.Popen([*command, "--save", "", *self._keeps], stdout=log, stderr=log)
        wait_for(self.answers, str(self.folder / "redis.log"))

    def answers(self) -> bool:
        """Whether it answers a PING."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(16).startswith(b"+PONG")

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it hang: it accepts connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


class RabbitServer:
    """A RabbitMQ node of the test's own, by hand: ``FAULT_BROKER=rabbitmq``. What it holds outlives a crash."""

    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one on the PATH wants root, and one node a machine

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        own = {
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"faults_{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
        }
        with open(self.folder / "rabbitmq.log", "ab") as log:
            self._process = subprocess.Popen(
                [self.program], env=os.environ | own, stdout=log, stderr=log, start_new_session=True
            )
        wait_for(self.answers, str(self.folder / "rabbitmq.log"), seconds=2 * START_SECONDS)

    def answers(self) -> bool:
        """Whether it takes connections."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class Database:
    """A PostgreSQL database of the test's own, on the server of ``TEST_DATABASE_URL``."""

    def __init__(self, server: str, name: str) -> None:
        self.name = name
        self.url = f"{server.rpartition('/')[0]}/{name}"

    def create(self, *, template: str = "template0") -> None:
        """Make it anew, as a copy of ``template``."""
        self.admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        self.admin(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')

    def drop(self) -> None:
        """Take it away, with whoever is in it."""
        self.admin(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement in it; return the rows."""
        return self._run(self.url, statement, *values)

    def value(self, statement: str, *values: Any) -> Any:
        """Return the one value that a statement selects."""
        return self.sql(statement, *values)[0][0]

    def admin(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement beside it, where ``CREATE DATABASE`` and its kind are allowed."""
        return self._run(f"{self.url.rpartition('/')[0]}/postgres", statement, *values)

    def end_connections(self) -> int:
        """Terminate the back ends that work in this database, and in no other, but for the test's own; count them."""
        others = "FROM pg_stat_activity WHERE datname = %s AND application_name <> %s"
        return len(self.admin(f"SELECT pg_terminate_backend(pid) {others}", self.name, OBSERVER))

    @staticmethod
    def _run(url: str, statement: str, *values: Any) -> list[Any]:
        import psycopg

        url = url.replace("postgres://", "postgresql://", 1)
        with psycopg.connect(url, autocommit=True, application_name=OBSERVER) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []
