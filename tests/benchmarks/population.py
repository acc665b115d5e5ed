"""Fill a migrated PostgreSQL database as a shop that has lived for a while would have: ``populate(url, customers)``.

``python -m tests.benchmarks.population 1000000`` fills that of ``DATABASE_URL`` and prints what its tables weigh. Every
customer has asked for a code within the last day, and heard from the shop twice within the last month: more than most
shops see, and all of it younger than what the sweeps clear away. Who they are is known by their number: `person`,
`customer_id`; `logs_in` says of whom a password alone is enough.

Rows go in by COPY, in the order of their times, each of a customer anywhere, as they would come. Indexes that guard
nothing are made anew afterwards, which takes half the time; pages of such an index are fuller than they stay.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.benchmarks.people import customer_id, logs_in, person
from tests.benchmarks.people_rows import Population, Table
from tests.benchmarks.sizes import sizes, table

__all__ = ["customer_id", "logs_in", "person", "populate", "write"]

ROWS_A_WRITE = 5000
FREE_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE NOT indisunique AND indrelid::regclass::text ~ '^(auth_user|customer_registration_.*)$'
"""


def populate(database_url: str, customers: int, *, tell: Callable[[str], Any] = lambda said: None) -> None:
    """Fill a migrated database that has no customers yet.

    Args:
        database_url: of a PostgreSQL server; whoever logs in there is a superuser, since references are not checked.
        customers: how many.
        tell: is called with what was written, and how long it took.
    """
    import psycopg

    with psycopg.connect(database_url.replace("postgres://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        with _indexes_made_afterwards(connection, tell):
            write(connection, customers, tell=tell)
        began = time.perf_counter()
        connection.execute("VACUUM ANALYZE")
        tell(f"VACUUM ANALYZE in {time.perf_counter() - began:.1f} s")


def write(connection: Any, customers: int, *, tell: Callable[[str], Any] = lambda said: None) -> None:
    """Write the rows on a connection, in its transaction if it has one, and count them for the planner."""
    # Each reference is right by its making. To check them would queue a trigger a row until the commit.
    connection.execute("SET session_replication_role = replica")
    for each in Population(customers, time.time()).tables():
        began = time.perf_counter()
        with connection.cursor() as cursor:
            with cursor.copy(_copy(each)) as copy:
                for block in _blocks(each):
                    copy.write(block)
            tell(f"{each.name}: {cursor.rowcount:,} rows in {time.perf_counter() - began:.1f} s")
    connection.execute("SET session_replication_role = DEFAULT")
    connection.execute("SELECT setval(pg_get_serial_sequence('auth_user', 'id'), %s)", [customers])
    connection.execute("ANALYZE")


@contextmanager
def _indexes_made_afterwards(connection: Any, tell: Callable[[str], Any]) -> Iterator[None]:
    indexes = connection.execute(FREE_INDEXES).fetchall()
    for name, _definition in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    began = time.perf_counter()
    connection.execute("SET maintenance_work_mem = '256MB'")
    connection.execute("SET max_parallel_maintenance_workers = 0")  # others have work to do, too
    for _name, definition in indexes:
        connection.execute(definition)
    tell(f"{len(indexes)} indexes in {time.perf_counter() - began:.1f} s")


def _copy(chosen: Table) -> Any:
    return f"COPY {chosen.name} ({', '.join(chosen.columns.split())}) FROM STDIN"


def _blocks(chosen: Table) -> Iterator[str]:
    for start in range(1, chosen.numbers + 1, ROWS_A_WRITE):
        numbers = range(start, min(start + ROWS_A_WRITE, chosen.numbers + 1))
        yield "".join(row for number in numbers for row in chosen.rows(number))


if __name__ == "__main__":
    began = time.perf_counter()
    populate(os.environ["DATABASE_URL"], int(sys.argv[1]), tell=lambda said: sys.stdout.write(f"{said}\n"))
    sys.stdout.write(f"{time.perf_counter() - began:.0f} s in all\n\n{table(sizes(os.environ['DATABASE_URL']))}\n")
