"""SQL that is put together once for each connection.

Django builds the SQL of a query anew each time it is asked, which takes longer than to send it and to read the answer:
three quarters of the CPU time of the SELECT that every request with a token makes. What the busiest routes ask and
write in every request is built once.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import connections, router, transaction
from django.db.models import Model, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery

Row = TypeVar("Row", bound=Model)
Built = TypeVar("Built")
Value = str | datetime
_of_this_thread = threading.local()  # as Django's connections are


class LookUp(Generic[Row]):
    """A query that differs in nothing but texts and times from one time to the next.

    Args:
        model: what it returns.
        select: returns the query for some texts and times, each of which is a parameter of its SQL, once or more often.
    """

    def __init__(self, model: type[Row], select: Callable[..., "QuerySet[Row]"]) -> None:
        self._model, self._select = model, select

    def first(self, *values: Value) -> Row | None:
        """Return the first row for these values, or ``None``."""
        alias, marks = router.db_for_read(self._model), _marks(values)
        built = _once((self, marks), alias, lambda: _Select(self._select(*marks).using(alias), marks))
        row: Row | None = next(built.rows(values), None)
        return row


class Change:
    """A conditional UPDATE that differs in nothing but texts and times from one time to the next.

    Args:
        rows: returns, of a queryset, the rows for some texts and times.
        values: returns, for the same texts and times, what is set: field → value or expression.
    """

    def __init__(self, rows: Callable[..., "QuerySet[Any]"], values: Callable[..., dict[str, Any]]) -> None:
        self._rows, self._values = rows, values

    def make(self, among: Any, *values: Value) -> int:
        """Change the rows for these values; return how many there were.

        Args:
            among: every row of the model; if it is fewer, the SQL is put together as Django does it.
            values: texts and times.
        """
        if among.query.has_filters():
            return int(self._rows(among, *values).update(**self._values(*values)))
        marks = _marks(values)
        alias = among._db or router.db_for_write(among.model)
        built = _once(
            (self, marks), alias, lambda: _Update(self._rows(among, *marks).using(alias), self._values(*marks), marks)
        )
        return built.execute(values)


def insert(row: Model) -> None:
    """Insert a new row. As ``bulk_create``, it sends none of Django's signals about models."""
    model = type(row)
    alias = router.db_for_write(model, instance=row)
    _once(model, alias, lambda: _Insert(model, alias)).execute(row)


def _once(key: Hashable, alias: str, build: Callable[[], Built]) -> Built:
    """Return what was built for a key and this thread's connection."""
    connection = connections[alias]
    owner, known = vars(_of_this_thread).get(alias, (None, {}))
    if owner is not connection:
        known = {}
        vars(_of_this_thread)[alias] = (connection, known)
    built: Built | None = known.get(key)
    if built is None:
        built = known[key] = build()
    return built


def _marks(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return what stands in the place of values while their SQL is put together: nothing that is ever asked for."""
    return tuple(_mark(place, value) for place, value in enumerate(values))


def _mark(place: int, value: Value) -> Value:
    if isinstance(value, datetime):  # without a zone where the project has none (``USE_TZ = False``)
        return datetime(1900, 1, 1 + place, tzinfo=value.tzinfo and UTC)
    return f"<{place}>"


class _Parameters:
    """The parameters of some SQL, where values take the place of marks."""

    def __init__(self, parameters: Sequence[Any], marks: tuple[Value, ...], connection: Any) -> None:
        self._parameters, self._connection = parameters, connection
        self._marks = self._adapted(marks)
        if not set(self._marks) <= set(parameters):
            raise ValueError(f"{marks} are not all among the parameters {parameters}")

    def with_values(self, values: tuple[Value, ...]) -> tuple[Any, ...]:
        """Return the parameters for some values."""
        given = dict(zip(self._marks, self._adapted(values), strict=True))
        return tuple(given.get(parameter, parameter) for parameter in self._parameters)

    def _adapted(self, values: tuple[Value, ...]) -> list[Any]:
        """Return values as the database takes them."""
        adapt = self._connection.ops.adapt_datetimefield_value
        return [adapt(value) if isinstance(value, datetime) else value for value in values]


class _Select:
    """A query whose compiler gives out SQL that it has made before; Django makes the rows."""

    def __init__(self, queryset: "QuerySet[Any]", marks: tuple[Value, ...]) -> None:
        query: Any = queryset.query
        self._queryset: Any = queryset
        self._compiler = query.get_compiler(using=queryset.db)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = _Parameters(parameters, marks, self._compiler.connection)
        converters = self._compiler.get_converters([column for column, *_ in self._compiler.select])
        self._compiler.get_converters = lambda columns: converters
        query.get_compiler = lambda **_: self._compiler

    def rows(self, values: tuple[Value, ...]) -> Any:
        """Return an iterator over the rows."""
        parameters = self._parameters.with_values(values)
        self._compiler.as_sql = lambda: (self._sql, parameters)
        return iter(self._queryset._iterable_class(self._queryset))


class _Update:
    """The UPDATE of a queryset."""

    def __init__(self, queryset: "QuerySet[Any]", changes: dict[str, Any], marks: tuple[Value, ...]) -> None:
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(changes)
        compiler = query.get_compiler(using=queryset.db)
        self._connection = compiler.connection
        self._sql, parameters = compiler.as_sql()
        self._parameters = _Parameters(parameters, marks, self._connection)

    def execute(self, values: tuple[Value, ...]) -> int:
        """Run it; return how many rows it matched."""
        with transaction.mark_for_rollback_on_error(self._connection.alias), self._connection.cursor() as cursor:
            cursor.execute(self._sql, self._parameters.with_values(values))
            return int(cursor.rowcount)


class _Insert:
    """An INSERT of one row of a model, all columns but a key that the database gives."""

    def __init__(self, model: type[Model], alias: str) -> None:
        self._alias = alias
        key = model._meta.auto_field
        self._fields = [field for field in model._meta.concrete_fields if field is not key]
        self._compiler: Any = InsertQuery(model).get_compiler(using=alias)
        self._returning = [key] if key else []
        self._sql = ""

    def execute(self, row: Model) -> None:
        """Insert a row, and tell it its key."""
        compiler = self._compiler
        compiler.query.insert_values(self._fields, [row])
        if not self._sql:
            compiler.returning_fields = self._returning
            [(self._sql, _)] = type(compiler).as_sql(compiler)
        values = tuple(compiler.prepare_value(field, compiler.pre_save_val(field, row)) for field in self._fields)
        compiler.as_sql = lambda: [(self._sql, values)]
        with transaction.mark_for_rollback_on_error(self._alias):
            keys = compiler.execute_sql(self._returning)
        for field, [value] in zip(self._returning, keys, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, self._alias
