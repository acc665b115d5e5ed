"""What hangs on accounts, read from the project's real relations: for the dry run, and for what must not be purged."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import (
    CASCADE,
    PROTECT,
    RESTRICT,
    ForeignObjectRel,
    Model,
    Q,
    QuerySet,
)

from customer_registration.enums import ErasureStrategy
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage

OWN_APP = Customer._meta.app_label


@dataclass(frozen=True, slots=True)
class Line:
    """How many rows of a model an erasure touches, and how: ``"deleted"``, ``"anonymised"``, ``"blanked"``, ``"kept"``
    or ``"protects"``, which makes a deletion fail.
    """

    model: str
    rows: int
    fate: str


def preview(customers: QuerySet[Customer], strategy: ErasureStrategy) -> list[Line]:
    """Return what erasing ``customers`` would do, by model; nothing is changed."""
    users = get_user_model()._base_manager.filter(pk__in=customers.values("user"))
    deletes = strategy == ErasureStrategy.DELETE
    fate = "deleted" if deletes else "anonymised"
    lines = [
        _line(users, fate),
        _line(customers, fate),
        _line(OutboxMessage.objects.filter(customer__in=customers), "deleted"),
        _line(OtpVerification.objects.filter(customer__in=customers), "deleted"),
        _line(AccountEvent.objects.filter(customer__in=customers), "blanked"),
    ]
    found: dict[tuple[type[Model], str], Q] = defaultdict(Q)
    for queryset in (users, customers):
        for relation, rows in _related(queryset, deletes, frozenset()):
            found[relation.related_model, _fate(relation, deletes)] |= Q(pk__in=rows.values("pk"))
    lines += [_line(model._base_manager.filter(rows), fate) for (model, fate), rows in found.items()]
    return [line for line in lines if line.rows]


def foreign_relations(model: type[Model]) -> Iterator[ForeignObjectRel]:
    """Yield the relations by which other apps' rows point to rows of a model, hidden ones too."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, ForeignObjectRel)
            and not relation.many_to_many  # its rows are those of the table between, which is yielded too
            and relation.related_model._meta.app_label != OWN_APP
        ):
            yield relation


def _related(
    queryset: QuerySet[Model], deletes: bool, seen: frozenset[ForeignObjectRel]
) -> Iterator[tuple[ForeignObjectRel, QuerySet[Model]]]:
    """Yield the relations to rows, with those rows; with ``deletes`` further on, where the deletion would go."""
    for relation in foreign_relations(queryset.model):
        if relation in seen:
            continue
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": queryset})
        yield relation, rows
        if deletes and relation.on_delete is CASCADE:
            yield from _related(rows, deletes, seen | {relation})


def _fate(relation: ForeignObjectRel, deletes: bool) -> str:
    if not deletes:
        return "kept"
    if relation.on_delete is CASCADE:
        return "deleted"
    return "protects" if relation.on_delete in (PROTECT, RESTRICT) else "kept"


def _line(rows: QuerySet[Model], fate: str) -> Line:
    return Line(rows.model._meta.label, rows.count(), fate)
