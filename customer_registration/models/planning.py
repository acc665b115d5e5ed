"""Have PostgreSQL plan a statement for its values, each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def planned_anew(alias: str) -> Iterator[None]:
    """Send the statements of a block without preparing them, where the project has its connection prepare them.

    A prepared statement soon keeps a plan for any values, made for the table as it was then. A batch job fills the
    table that it reads: a plan for an empty table, kept, reads all of it for each batch, and compares every row with
    each of a thousand parameters one by one, where a plan for these values hashes them or reads by the index.
    """
    connections[alias].ensure_connection()
    raw: Any = connections[alias].connection
    before = getattr(raw, "prepare_threshold", None)
    if before is None:  # nothing is prepared: another database, psycopg2, or Django's own setting
        yield
        return
    raw.prepare_threshold = None
    try:
        yield
    finally:
        raw.prepare_threshold = before
