"""The tables that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError, connections, router

from customer_registration.models import Customer


@contextmanager
def migrated() -> Iterator[None]:
    """Say what to do if the tables are not there: some commands are the first thing that is tried in a project.

    It asks only after a failure, so a run costs no statement more.

    Raises:
        CommandError: the app is not migrated.
    """
    try:
        yield
    except DatabaseError as error:
        if Customer._meta.db_table in connections[router.db_for_write(Customer)].introspection.table_names():
            raise
        raise CommandError("The tables of customer_registration are not there yet: run manage.py migrate.") from error
