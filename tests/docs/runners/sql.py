"""Run SQL on PostgreSQL, on the tables of the project."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.docs.pages import Block
from tests.docs.stories import Story
from tests.live_shop import manage


def run(block: Block, story: Story) -> None:
    """Run the statements on a migrated database that is thrown away."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if not url.startswith("postgres"):
        pytest.skip("set TEST_DATABASE_URL=postgres://...")
    import psycopg  # an extra

    name = f"docs_{os.getpid()}"
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        try:
            manage(story.theatre.environment() | {"DATABASE_URL": own}, "migrate", "--verbosity=0")
            with psycopg.connect(own, autocommit=True) as connection:
                for statement in block.source.split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
