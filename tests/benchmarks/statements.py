"""How many SQL statements a request takes: exact, where times are not."""

import json
from typing import Any

from django.db import connection
from django.test import Client

from tests.benchmarks.wire import Ask

CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def answer(ask: Ask) -> Any:
    """Return what this process answers to a request."""
    headers = dict(ask.headers) | ({"authorization": f"Bearer {ask.token}"} if ask.token else {})
    client = Client(headers=headers, SERVER_NAME="127.0.0.1")
    body = "" if ask.body is None else json.dumps(ask.body)
    return client.generic(ask.method, ask.path, body, "application/json")


def statements(ask: Ask, *, status: int) -> int:
    """Return how many statements a request takes in this process, those that control the transaction left out."""
    counted: list[str] = []

    def count(execute: Any, sql: str, *arguments: Any) -> Any:
        if not sql.startswith(CONTROL):
            counted.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(count):
        answered = answer(ask)
    assert answered.status_code == status, answered.content
    return len(counted)
