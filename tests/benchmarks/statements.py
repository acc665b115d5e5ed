"""How many SQL statements a request takes: exact, where times are not."""

import json
from typing import Any

from django.db import connection
from django.test import Client

from tests.benchmarks.wire import Ask

CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def statements(ask: Ask, *, status: int) -> int:
    """Return how many statements a request takes in this process, those that control the transaction left out."""
    counted: list[str] = []

    def count(execute: Any, sql: str, *arguments: Any) -> Any:
        if not sql.startswith(CONTROL):
            counted.append(sql)
        return execute(sql, *arguments)

    headers = dict(ask.headers) | ({"authorization": f"Bearer {ask.token}"} if ask.token else {})
    body = "" if ask.body is None else json.dumps(ask.body)
    with connection.execute_wrapper(count):
        answer = Client(headers=headers).generic(
            ask.method, ask.path, body, "application/json", SERVER_NAME="127.0.0.1"
        )
    assert answer.status_code == status, answer.content
    return len(counted)
