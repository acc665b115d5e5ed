"""Insert what a query returns, without the rows coming here."""

from typing import Any

from django.db import connections, router
from django.db.models import Field, Model, QuerySet, Value
from django.db.models.expressions import Combinable


def insert_from(model: type[Model], rows: "QuerySet[Any]", **values: Any) -> None:
    """``INSERT … SELECT``: insert a row of ``model`` for each row of ``rows``.

    Args:
        model: with a key that the database gives.
        rows: what is selected from.
        values: per field an expression over ``rows``, or a value; every field that has no database default.
    """
    connection = connections[router.db_for_write(model)]
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in values}
    chosen = [_expression(value, fields[name]) for name, value in values.items()]
    sql, parameters = rows.order_by().values_list(*chosen).query.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields.values())
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {sql}", parameters)


def _expression(value: Any, field: "Field[Any, Any]") -> Any:
    return value if isinstance(value, Combinable) else Value(value, output_field=field)
