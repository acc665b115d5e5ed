"""How a test that commits leaves the database: empty, by DELETE."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

# What `migrate` itself writes, and no test changes.
KEPT = {"django_content_type", "auth_permission"}


def empty_tables(test_case: Any) -> None:
    """Delete every row, but for the kept tables'.

    Django's own flush costs ten times as much, which three legs of CI paid two hundred times: TRUNCATE makes new files
    for each table and index on PostgreSQL, and `post_migrate` writes content types and permissions anew.
    """
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Empty the tables that way after every test that commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield
