"""Which fields of the project's user model hold what a customer is made of."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, Field, TextField

from customer_registration.enums import IdentifierKind
from customer_registration.users import user_adapter

LEFT_OUT = ""


class UnknownField(LookupError):
    """The user model has no such field."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that contacts are read from, by kind; a field of a related row is ``profile__phone``."""

    contacts: dict[IdentifierKind, str]

    @classmethod
    def chosen(cls, *, email: str | None = None, phone: str | None = None) -> "Fields":
        """Return the fields to read.

        Args:
            email: by name; ``""`` leaves e-mail addresses out; by default the model's own, as the adapter knows it.
            phone: the same of phone numbers.

        Raises:
            UnknownField: the model has no such field, or none to read at all; the message names those that it has.
        """
        names = {IdentifierKind.EMAIL: email, IdentifierKind.PHONE: phone}
        contacts = {kind: name for kind, given in names.items() if (name := _named(kind, given))}
        if not contacts:
            raise UnknownField(f"No field is left to read contacts from. {_those_there_are()}")
        return cls(contacts)


def _named(kind: IdentifierKind, given: str | None) -> str:
    if given is None:
        field = user_adapter().field_for(kind)
        return field.name if field else LEFT_OUT
    if given != LEFT_OUT:
        _check(given)
    return given


def _check(path: str) -> None:
    """Follow a path, which must lead to one value a user."""
    model: Any = get_user_model()
    *steps, last = path.split("__")
    try:
        for step in steps:
            relation = model._meta.get_field(step)
            if not (relation.one_to_one or relation.many_to_one) or relation.related_model is None:
                raise FieldDoesNotExist
            model = relation.related_model
        if not _holds_text(model._meta.get_field(last)):
            raise FieldDoesNotExist
    except FieldDoesNotExist as error:
        raise UnknownField(f"{get_user_model()._meta.label} has no text field {path}. {_those_there_are()}") from error


def _those_there_are() -> str:
    names = sorted(field.name for field in get_user_model()._meta.concrete_fields if _holds_text(field))
    return f"It has {', '.join(names)}; a field of a related row is named like profile__phone."


def _holds_text(field: "Field[Any, Any] | Any") -> bool:
    return isinstance(field, (CharField, TextField)) and field.name != "password"
