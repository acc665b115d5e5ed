"""Read the project's users page by page, in the order of their keys, so that a million of them fill no memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import router
from django.db.models import F, QuerySet
from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.fields import Fields
from customer_registration.flows.adoption.outcomes import Reason
from customer_registration.flows.adoption.passwords import unread_algorithm
from customer_registration.flows.adoption.standing import customers
from customer_registration.models import Customer
from customer_registration.models.planning import planned_anew

FLAGS = {"is_staff": False, "is_superuser": False, "is_active": True}  # and what a model without them means
NAMES = ("first_name", "last_name")
JOINED = "date_joined"
PASSWORD = "password"  # noqa: S105  # nosec B105  # the name of a column


@dataclass(frozen=True, slots=True)
class Person:
    """A user who has no customer.

    Args:
        key: the user's primary key.
        texts: what the fields say, trimmed, by kind of contact; none that is empty.
        names: those that are not empty, by field of the customer.
        joined: when they signed up, if the model knows.
        left_out: why they are not to be customers, whatever their contacts are.
        unread: what hashed their password, if no hasher of ``PASSWORD_HASHERS`` reads it.
    """

    key: Any
    texts: dict[IdentifierKind, str]
    names: dict[str, str]
    joined: datetime | None
    left_out: Reason | None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some users: how many were read, and those of them who have no customer."""

    read: int
    people: list[Person]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads users as Django's own backends see them: by the model's default manager, so none that it hides.

    Args:
        fields: which hold the contacts.
        size: users in a page.
        inactive: whether users who may not log in become customers too.
    """

    fields: Fields
    size: int
    inactive: bool = False

    def count(self) -> int:
        """Return how many users there are, with a customer or without."""
        return self._users().count()

    def pages(self) -> Iterator[Page]:
        """Read users in two statements a page: theirs, and whether they have customers.

        Not one with a join, nor by a list of keys: their plans depend on statistics that the run itself makes untrue,
        and by a bad one each page would read the whole table of customers. A range is read by the index.
        """
        users, last = self._rows(), None
        while True:
            with planned_anew(users.db):
                rows = list((users if last is None else users.filter(pk__gt=last))[: self.size])
                keys = [_of(row, "pk") for row in rows]
                taken = self._taken(keys) if keys else set()
            if rows:
                people = zip(keys, rows, strict=True)
                yield Page(len(rows), [self._person(key, row) for key, row in people if key not in taken])
            if len(rows) < self.size:
                return
            last = keys[-1]

    def _taken(self, keys: list[Any]) -> set[Any]:
        """Return the keys of users who have a customer, of those between the first and the last key."""
        between = customers().filter(user__gte=keys[0], user__lte=keys[-1])
        return set(between.values_list("user_id", flat=True))

    def _users(self) -> "QuerySet[Any]":
        return get_user_model()._default_manager.using(router.db_for_write(Customer)).all()

    def _rows(self) -> Any:
        model, columns = get_user_model(), _columns()
        contacts = {f"_contact_{kind.value}": F(path) for kind, path in self.fields.contacts.items()}
        users = self._users().annotate(**contacts).order_by("pk")
        if any(name not in columns and not isinstance(getattr(model, name, True), bool) for name in FLAGS):
            return users  # a property, which needs the whole user
        return users.values("pk", *columns.intersection((*FLAGS, *NAMES, JOINED, PASSWORD)), *contacts)

    def _person(self, key: Any, row: Any) -> Person:
        columns = _columns()
        spelt = {kind: _text(_of(row, f"_contact_{kind.value}")) for kind in self.fields.contacts}
        names = {name: _text(_of(row, name)) for name in NAMES if name in columns}
        return Person(
            key=key,
            texts={kind: text for kind, text in spelt.items() if text},
            names={name: text for name, text in names.items() if text},
            joined=_moment(_of(row, JOINED)) if JOINED in columns else None,
            left_out=self._left_out(row),
            unread=unread_algorithm(_of(row, PASSWORD)) if PASSWORD in columns else "",
        )

    def _left_out(self, row: Any) -> Reason | None:
        if _flag(row, "is_staff") or _flag(row, "is_superuser"):
            return Reason.STAFF
        return None if self.inactive or _flag(row, "is_active") else Reason.INACTIVE


def _columns() -> set[str]:
    return {field.name for field in get_user_model()._meta.concrete_fields}


def _of(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _flag(row: Any, name: str) -> bool:
    if isinstance(row, dict) and name in row:
        return bool(row[name])
    return bool(getattr(get_user_model() if isinstance(row, dict) else row, name, FLAGS[name]))


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _moment(value: Any) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime):
        return None
    return timezone.make_aware(value) if settings.USE_TZ and timezone.is_naive(value) else value
