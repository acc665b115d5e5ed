"""Transactions, and what their errors are about, on each database."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connection, connections, router, transaction
from django.db.models import Model, QuerySet

Result = TypeVar("Result")
Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


def violates_unique(error: IntegrityError, model: type[Model], field: str) -> bool:
    """Return whether ``error`` says that a value of ``model.field`` is taken.

    PostgreSQL and MariaDB name the constraint; SQLite names table and column only.
    """
    cause = error.__cause__
    diagnostics = getattr(cause, "diag", None)
    constraint = next(
        constraint.name for constraint in model._meta.constraints if getattr(constraint, "fields", None) == (field,)
    )
    if diagnostics is not None:
        return diagnostics.constraint_name == constraint
    text = str(error)
    return constraint in text or f"{model._meta.db_table}.{field}" in text


# PostgreSQL: serialization_failure, deadlock_detected. MariaDB and MySQL: deadlock, record changed since last read, and
# no key to be had, which is what a deadlock within INSERT … SELECT looks like.
_LOST_RACE_STATES = {"40001", "40P01"}
_LOST_RACE_NUMBERS = {1213, 1020, 1467}
_TRIES = 3


class StaleSnapshot(OperationalError):
    """A value is taken by a row that this transaction cannot see: only one that begins anew can say whose it is."""


def lost_race(error: OperationalError) -> bool:
    """Return whether the database gave the transaction up for another one: a serialisation failure or a deadlock."""
    return (
        isinstance(error, StaleSnapshot)
        or getattr(error.__cause__, "sqlstate", None) in _LOST_RACE_STATES
        or (bool(error.args) and error.args[0] in _LOST_RACE_NUMBERS)
    )


def retrying(work: Callable[[], Result]) -> Result:
    """Run ``work`` again if it lost a race, three times in all; return its result.

    Above read committed PostgreSQL refuses a write to a row that changed since the snapshot, and deadlocks happen
    everywhere. Nothing of a lost try remains, so the next one sees what the winner did and answers accordingly. Inside
    a transaction of the caller's it is tried once, since only the caller could begin anew.
    """
    for _ in range(0 if connection.in_atomic_block else _TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if not lost_race(error):
                raise
    return work()


def atomically(work: Callable[[], Result]) -> Result:
    """Run ``work`` in a transaction of its own, `retrying`."""

    def transact() -> Result:
        with transaction.atomic():
            return work()

    return retrying(transact)


def locked(rows: Rows) -> Rows:
    """Return the rows that nobody else is at, to be read in the caller's transaction, and locked until it ends.

    Race: a cancellation against a purge, two workers at one batch. A row that somebody holds is left out, where the
    database can do that, so nobody waits and nothing can deadlock: PostgreSQL, MySQL 8, MariaDB 10.6. SQLite has one
    writer, as which the transaction begins.
    """
    begin_writing(rows.model)
    features = connections[router.db_for_write(rows.model)].features
    return rows.select_for_update(skip_locked=features.has_select_for_update_skip_locked)


def begin_writing(model: type[Model]) -> None:
    """Begin the caller's transaction as a writer, on SQLite: one that has read before is refused its first write."""
    on = connections[router.db_for_write(model)]
    if not on.features.has_select_for_update:
        with on.cursor() as cursor:
            cursor.execute(f"DELETE FROM {on.ops.quote_name(model._meta.db_table)} WHERE 0 = 1")  # noqa: S608  # nosec B608
