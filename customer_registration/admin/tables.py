"""Rows as a table: what a page that asks shows of them, and what a customer's page shows beside the customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field, lookup_field
from django.http import HttpRequest
from django.urls import reverse

from customer_registration.admin.deeds import Deed


@dataclass(frozen=True, slots=True)
class Button:
    """A button that brings the user to the page that asks, and the form that it sends."""

    form: str
    url: str
    deed: Deed
    key: str
    back_to: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the object, its cells, the page that it has, if the user may see it."""

    row: Any
    cells: list[str]
    url: str = ""
    buttons: list["Button"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the names of their columns."""

    columns: list[str]
    lines: list[Line]
    title: str = ""
    more: str = ""  # where all of them are

    @property
    def has_buttons(self) -> bool:
        """Whether something may be done to one of the rows."""
        return any(line.buttons for line in self.lines)


def is_id(text: str) -> bool:
    """Whether a text may be the id of something: letters, digits and underscores. PostgreSQL chokes on a NUL."""
    return text.replace("_", "").isalnum()


def of(
    admin: Any,
    request: HttpRequest,
    rows: Iterable[Any],
    names: Sequence[str],
    *,
    title: str = "",
    more: str = "",
    links: bool = False,
) -> Table:
    """Return rows under the columns of their admin, contacts masked or whole as the user may see them.

    Args:
        admin: of their model.
        request: whose user will look at it.
        rows: to be shown.
        names: of the columns.
        title: over the table.
        more: where all of them are.
        links: whether each row leads to its page.
    """
    names = admin.as_seen_by(request, names)
    columns = [str(label_for_field(name, admin.model, model_admin=admin)) for name in names]
    lines = [
        Line(row, [_cell(admin, row, name) for name in names], admin.page_of(row) if links else "") for row in rows
    ]
    return Table(columns, lines, title, more)


def buttons(admin: Any, request: HttpRequest, row: Any, *, back_to: str) -> list[Button]:
    """Return a button for each thing that the user may do with a row as it stands.

    Args:
        admin: of its model.
        request: the user's.
        row: to be acted upon.
        back_to: the page to come back to: that of the ``row``, or of its ``customer``.
    """
    meta = admin.opts
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist", current_app=admin.admin_site.name)
    return [Button(f"{deed.name}_{row.pk}", url, deed, str(row.pk), back_to) for deed in admin.offered(request, row)]


def _cell(admin: Any, row: Any, name: str) -> str:
    field_, display, value = lookup_field(name, row, admin)
    empty = admin.get_empty_value_display()
    if field_ is not None:
        return str(display_for_field(value, field_, empty))
    return str(
        display_for_value(value, getattr(display, "empty_value_display", empty), getattr(display, "boolean", False))
    )
