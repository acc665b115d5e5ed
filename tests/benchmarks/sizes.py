"""What the tables of a PostgreSQL database weigh, for each customer: ``python -m tests.benchmarks.sizes``."""

import os
import sys
from typing import NamedTuple

SIZES = """
SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid)
FROM pg_class WHERE relkind = 'r' AND (relname = 'auth_user' OR relname LIKE 'customer\\_registration\\_%')
ORDER BY pg_total_relation_size(oid) DESC
"""
CUSTOMERS = "SELECT count(*) FROM customer_registration_customer"
MEGABYTE = 1_000_000


class Size(NamedTuple):
    """A table's rows, and its bytes and those of its indexes; ``customers`` are those of the database."""

    table: str
    rows: int
    table_bytes: int
    index_bytes: int
    customers: int

    @property
    def bytes_a_customer(self) -> float:
        """What a customer takes in this table, indexes included."""
        return (self.table_bytes + self.index_bytes) / self.customers


def sizes(database_url: str) -> list[Size]:
    """Return the size of each table, the largest first, and at last that of all. Rows are those that ANALYZE saw."""
    import psycopg

    with psycopg.connect(database_url.replace("postgres://", "postgresql://", 1)) as connection:
        [(customers,)] = connection.execute(CUSTOMERS).fetchall()
        found = [Size(*row, customers) for row in connection.execute(SIZES).fetchall() if row[1] > 0]
    together = (sum(column) for column in zip(*(each[1:4] for each in found), strict=True))
    return [*found, Size("together", *together, customers)]


def table(found: list[Size]) -> str:
    """Return sizes as a table in Markdown."""
    head = "| Table | Rows | Table, MB | Indexes, MB | Bytes a customer |\n|---|---:|---:|---:|---:|"
    lines = (
        f"| `{each.table}` | {each.rows:,} | {each.table_bytes / MEGABYTE:,.0f} |"
        f" {each.index_bytes / MEGABYTE:,.0f} | {each.bytes_a_customer:,.0f} |"
        for each in found
    )
    return "\n".join([head, *lines])


if __name__ == "__main__":
    sys.stdout.write(table(sizes(os.environ["DATABASE_URL"])) + "\n")
