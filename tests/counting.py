"""Count SQL statements: exact figures, on every database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


class CountedQueries(CaptureQueriesContext):
    """The SQL statements of a block, transaction control left out."""

    @property
    def statements(self) -> list[str]:
        """Every statement that is work."""
        control = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
        return [query["sql"] for query in self.captured_queries if not query["sql"].upper().startswith(control)]


@pytest.fixture
def counted() -> Callable[[], CountedQueries]:
    """Count statements: ``with counted() as queries: ...``, then ``len(queries.statements)``."""
    return lambda: CountedQueries(connection)


@pytest.fixture
def cost(api: Any, counted: Callable[[], CountedQueries]) -> Callable[..., int]:
    """Return how many statements a request takes."""

    def count(path: str, body: Any = None, *, token: str | None = None, method: str = "post", status: int = 200) -> int:
        with counted() as queries:
            answer = api.request(method, path, body, token=token)
        assert answer.status_code == status, answer.content
        return len(queries.statements)

    return count
