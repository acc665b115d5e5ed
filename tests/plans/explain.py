"""Ask PostgreSQL how it carries a statement out, and read its answer."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.urls import resolve

OURS = "customer_registration_"
SMALL = {"countedday", "dailyfigure", "keptfigure"}  # some rows a day, however many customers there are
INDEXES = """
SELECT indexes.relname, tables.relname, pg_get_indexdef(indexrelid) FROM pg_index
JOIN pg_class indexes ON indexes.oid = indexrelid JOIN pg_class tables ON tables.oid = indrelid
WHERE indexes.relnamespace = 'public'::regnamespace
"""
VERBS = ("SELECT", "UPDATE", "DELETE", "INSERT", "(")


class Observer:
    """Notes by which indexes each statement reads, under the name of what asked for it.

    An index is told by its table and columns, ``customer(email)``, since PostgreSQL may have two of the same columns. A
    ``>`` behind it says that it is walked in its order until enough is found. What is read from end to end is kept
    apart, with its statement.
    """

    def __init__(self) -> None:
        self.seen: defaultdict[str, set[str]] = defaultdict(set)
        self.unbounded: set[tuple[str, str]] = set()  # place, statement
        self._place = ""
        self._statements: list[tuple[str, str, Any]] = []
        with connection.cursor() as cursor:
            cursor.execute(INDEXES)
            self._indexes = {name: f"{short(table)}{columns(definition)}" for name, table, definition in cursor}

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Note what happens meanwhile under a name."""
        before, self._place = self._place, place
        self.seen[place] |= set()
        try:
            yield
        finally:
            self._place = before
            if not before:
                self._explain()

    def at_request(self, method: str, path: str) -> Any:
        """Note what happens meanwhile under the name of a route."""
        return self.at(f"{method.upper()} {resolve(path.partition('?')[0]).url_name}")

    def __call__(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """Carry a statement out."""
        if self._place and not many and sql.startswith(VERBS):
            self._statements.append((self._place, sql, parameters))
        return execute(sql, parameters, many, context)

    def _explain(self) -> None:
        statements, self._statements = self._statements, []
        for place, sql, parameters in statements:
            for index, bounded in read(plan_of(sql, parameters), self._indexes):
                if bounded:
                    self.seen[place].add(index)
                else:
                    self.unbounded.add((place, sql))


def plan_of(sql: str, parameters: Any = None) -> dict[str, Any]:
    """Return the root of a statement's plan; it is not carried out."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        [(plan,)] = cursor.fetchall()
    return dict((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def read(node: dict[str, Any], indexes: dict[str, str], *, limited: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield what a plan reads of tables that grow: each index, and whether it is read by a condition or up to a limit.

    A table that is read from end to end is told by its name alone.

    Args:
        node: of the plan.
        indexes: what they are told by, by their names.
        limited: whether whoever reads from this node stops as soon as there is enough.
    """
    kind = node["Node Type"]
    if kind == "Seq Scan" and grows(table := short(node["Relation Name"])):
        yield table, False
    if (index := indexes.get(node.get("Index Name", ""))) and grows(index.partition("(")[0]):
        bounded = "Index Cond" in node
        yield (index if bounded else f"{index}>"), bounded or limited
    limited = kind == "Limit" or (limited and kind not in ("Sort", "Aggregate", "Hash"))
    for child in node.get("Plans", ()):
        yield from read(child, indexes, limited=limited)


def columns(definition: str) -> str:
    """Return ``(customer_id, purpose)`` of an index's definition."""
    return "(" + definition.partition(" (")[2].replace(" varchar_pattern_ops", "")


def short(table: str) -> str:
    """Return the name of a table without that of the app."""
    return table.removeprefix(OURS) if table != "auth_user" else "user"


def grows(table: str) -> bool:
    """Whether a table has the more rows the more customers there are; of other apps that of the users alone counts."""
    return "_" not in table and table not in SMALL
