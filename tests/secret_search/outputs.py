"""What leaves the app: answers, log records, tasks, rows, messages, claims, errors, printed lines."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from tests.secret_search.allowed import ALLOWED
from tests.secret_search.secrets import Secret

LINE = "\n"


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that was put out.

    Args:
        place: what it is: ``answer``, ``log``, ``task``, ``row``, ``message``, ``claims``, ``session``, ``error`` or
            ``printed``.
        name: the route, logger, task or table.
        text: all of it.
        parts: of an answer the values of its JSON object and the cookies, by name.
    """

    place: str
    name: str
    text: str = field(repr=False)
    parts: Mapping[str, str] = field(default_factory=dict, repr=False)

    def holds(self, secret: Secret) -> bool:
        """Whether a secret is in it where it may not be."""
        if not secret.is_in(self.text):
            return False
        allowed = [entry for entry in ALLOWED if entry.covers(secret.kind, self.place, self.name)]
        if any(entry.part is None for entry in allowed):
            return False
        rest = self.text
        for entry in allowed:
            rest = rest.replace(self.parts.get(str(entry.part)) or "\0", " ")
        return secret.is_in(rest)


def answer(response: Any, request: Any) -> Output:
    """Return a response with its headers and cookies, named by its route."""
    match = request.resolver_match
    headers = LINE.join(f"{name}: {value}" for name, value in response.items())
    body = "" if response.streaming else response.content.decode(errors="replace")
    cookies = response.cookies.output(header="")
    name = f"{request.method} {_route(match) if match else request.path}"
    parts = {"Set-Cookie": cookies, **_values(body)}
    return Output("answer", name, LINE.join((headers, cookies, body)), parts)


def _route(match: Any) -> str:
    """Return a route's name: the API's alone, others with where they belong, for some are called alike."""
    return str(match.view_name).removeprefix("customer_registration:") if match.namespaces else f"page:{match.url_name}"


def _values(body: str) -> dict[str, str]:
    """Return the values of a JSON object as they are written in it."""
    try:
        values = json.loads(body) if body.startswith("{") else {}
    except ValueError:
        return {}
    return {name: _as_written(value) for name, value in values.items()}


def _as_written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def row(sql: str, params: Any) -> Output:
    """Return what a statement writes into columns, named by its table."""
    table = sql.split(maxsplit=3)[2 if sql.startswith("INSERT") else 1].strip('"`')
    return Output("row", table, LINE.join(_texts(params)))


def _texts(value: Any) -> Iterable[str]:
    """Yield the texts of parameters. A date holds no code, and its digits look like many."""
    value = getattr(value, "obj", value)  # psycopg's wrapper of JSON
    if value is None or isinstance(value, (bool, date, time, timedelta)):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, (bytes, bytearray, memoryview)):
        yield bytes(value).decode("latin-1")
    elif isinstance(value, Mapping):
        yield json.dumps(value, default=str)
    elif isinstance(value, Iterable):
        for each in value:
            yield from _texts(each)
    else:
        yield str(value)
