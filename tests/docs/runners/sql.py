"""Run SQL on PostgreSQL, on the tables of the project."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.docs.pages import Block
from tests.docs.stories import Story
from tests.live_shop import manage


def run(block: Block, story: Story) -> None:
    """Run the statements on a migrated database, one for all pages."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if not url.startswith("postgres"):
        pytest.skip("set TEST_DATABASE_URL=postgres://...")
    import psycopg  # an extra

    with psycopg.connect(story.house.database(url, migrated), autocommit=True) as connection:
        for statement in block.source.split(";\n"):
            if statement.strip():
                connection.execute(statement)


@contextmanager
def migrated(url: str, env: dict[str, str]) -> Iterator[str]:
    """Make a database with the tables of the project on a server; yield its URL."""
    import psycopg

    name = f"docs_{os.getpid()}"
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            manage(env | {"DATABASE_URL": own}, "migrate", "--verbosity=0")
            yield own
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
