"""Real servers and processes, which a test may break; nothing of the machine's own is touched."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.servers import Database, RabbitServer, RedisServer
from tests.faults.shop import Shop

DATABASE = os.environ.get("TEST_DATABASE_URL", "")
REDIS = os.environ.get("TEST_REDIS_URL")


NEED_SERVERS = [
    pytest.mark.faults,
    pytest.mark.skipif(
        not (DATABASE.startswith("postgres") and REDIS),
        reason="set TEST_DATABASE_URL=postgres://… and TEST_REDIS_URL to break servers (needs redis-server)",
    ),
]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with its tables, to be copied."""
    database = Database(DATABASE, f"faults_{os.getpid()}_template")
    database.create()
    Shop.on(database, tmp_path_factory.mktemp("migrate")).manage("migrate", "-v0")
    yield database
    database.drop()


@pytest.fixture(scope="module")
def database(migrated: Database) -> Iterator[Database]:
    """A database of the file's own, so that its tests may share one shop."""
    copy = Database(DATABASE, f"faults_{os.getpid()}")
    copy.create(template=migrated.name)
    yield copy
    copy.drop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder for logs."""
    return tmp_path_factory.mktemp(request.module.__name__.rpartition(".")[2])


@pytest.fixture(scope="module")
def start_redis(migrated: Database, folder: Path) -> Iterator[Callable[..., RedisServer]]:
    """Start a Redis of the file's own: ``start_redis("broker")``."""
    started: list[RedisServer] = []

    def start(name: str, **options: Any) -> RedisServer:
        server = RedisServer(folder / name, **options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def broker(start_redis: Callable[..., RedisServer], folder: Path) -> Iterator[RedisServer | RabbitServer]:
    """A broker that forgets whatever it held when it is stopped; a RabbitMQ by hand, with ``FAULT_BROKER=rabbitmq``."""
    if os.environ.get("FAULT_BROKER") != "rabbitmq":
        yield start_redis("broker")
        return
    server = RabbitServer(folder / "rabbitmq")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def limiter(start_redis: Callable[..., RedisServer]) -> RedisServer:
    """The limiter's store, which keeps its counters over a restart."""
    return start_redis("limiter", durable=True)


@pytest.fixture(scope="module")
def open_shop(database: Database, folder: Path) -> Callable[..., Shop]:
    """Return a shop on this file's database: ``open_shop(CELERY_BROKER_URL=broker.url)``."""
    return lambda **variables: Shop.on(database, folder, **variables)
