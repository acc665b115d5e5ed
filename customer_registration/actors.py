"""Actor types: whom a token may speak for beside customers. Staff are built in; a project adds its own.

A project names a subclass of `ActorType` in ``PASSWORDLESS["ACTORS"]``: vendors, couriers, whoever logs in by code.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.module_loading import import_string

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import Identifier
from customer_registration.users import user_adapter

__all__ = ["ActorType"]

CUSTOMER = "customer"
STAFF = "user"


class ActorType:
    """One type of actor: how its entities are found, and what their tokens say.

    ``model`` is the model, or its ``"app.Model"``. ``accessors`` tells for each kind of identifier (``"email"``,
    ``"phone"``) the field or fields that hold it, canonical: e-mails are compared without case, phones in E.164; those
    of related rows by ``__``, as in ``"user__email"``. ``entity_id`` is the unique field whose text is the token's
    ``actor_id``; a value that is given up must never be another entity's. With ``can_register`` people may prove an
    identifier that no entity has; the project creates the entity then.
    """

    model: Any = None
    accessors: Mapping[str, str | tuple[str, ...]] = {"email": "email"}
    entity_id = "pk"
    can_register = False

    def __init__(self, name: str) -> None:
        self.name = name

    def find(self, identifier: Identifier) -> Any | None:
        """Return the one active entity that has an identifier; ``None`` for none, and for two, which nobody told apart.

        Args:
            identifier: canonical.
        """
        active = [entity for entity in self.holders(identifier) if self.is_active(entity)]
        return active[0] if len(active) == 1 else None

    def holders(self, identifier: Identifier) -> list[Any]:
        """Return the entities that have an identifier, active or not: while there is one, nobody registers by it.

        Args:
            identifier: canonical.
        """
        names = self.fields_of(identifier.kind)
        if not names or not identifier.value:
            return []
        lookup = "iexact" if identifier.kind == IdentifierKind.EMAIL else "exact"
        wanted = reduce(or_, (Q(**{f"{name}__{lookup}": identifier.value}) for name in names))
        # Collations may call other strings equal; only those that spell the identifier are.
        return [
            entity
            for entity in self.entities().filter(wanted)
            if any(_spells(_value(entity, name), identifier) for name in names)
        ]

    def get(self, actor_id: str) -> Any | None:
        """Return the active entity of a token's ``actor_id``, or ``None``."""
        try:
            entity = self.entities().filter(**{self.entity_id: actor_id}).first()
        except (ValueError, ValidationError, OverflowError):  # no value of this field
            return None
        return entity if entity is not None and self.is_active(entity) else None

    def entities(self) -> Any:
        """Return the queryset that entities come from."""
        model = apps.get_model(self.model) if isinstance(self.model, str) else self.model
        return model._default_manager.all()

    def actor_id(self, entity: Any) -> str:
        """Return what tokens name an entity by.

        Args:
            entity: a row of `entities`.
        """
        return str(getattr(entity, self.entity_id))

    def is_active(self, entity: Any) -> bool:
        """Whether an entity may log in, and its tokens are good; an ``is_active`` of its own decides, if it has one.

        Args:
            entity: a row of `entities`.
        """
        return bool(getattr(entity, "is_active", True))

    def user(self, entity: Any) -> Any | None:
        """Return the Django user behind an entity, if there is one: a change of their password ends its tokens.

        Args:
            entity: a row of `entities`.
        """
        return None

    def claims(self, entity: Any) -> dict[str, str]:
        """Return the token's ``app_metadata``.

        Args:
            entity: a row of `entities`.
        """
        return {f"{self.name}_id": self.actor_id(entity)}

    def kinds(self) -> tuple[IdentifierKind, ...]:
        """Return the kinds of identifier that it has."""
        return tuple(kind for kind in IdentifierKind if self.fields_of(kind))

    def fields_of(self, kind: IdentifierKind) -> tuple[str, ...]:
        """Return the fields that hold a kind of identifier.

        Args:
            kind: e-mail or phone.
        """
        names: Iterable[str] | str = self.accessors.get(kind.value, ())
        return (names,) if isinstance(names, str) else tuple(names)


class StaffActor(ActorType):
    """Django's staff users, who come in by e-mail and never register here."""

    def entities(self) -> Any:
        """Return the active staff users."""
        return get_user_model()._default_manager.filter(is_active=True, is_staff=True)

    def is_active(self, entity: Any) -> bool:
        """Whether the user may log in as staff; nothing but `entities` decides."""
        return True

    def user(self, entity: Any) -> Any:
        """Return the user."""
        return entity

    def fields_of(self, kind: IdentifierKind) -> tuple[str, ...]:
        """Return the user model's e-mail field."""
        if kind != IdentifierKind.EMAIL:
            return ()
        field = user_adapter().field_for(kind)
        return (field.name,) if field is not None else ()  # the model may have no e-mail addresses


def actor_type(name: str) -> ActorType | None:
    """Return an actor type by the name that URLs and tokens give it; ``None`` for customers and unknown ones."""
    if name == STAFF:
        return StaffActor(STAFF)
    path = config().passwordless.actors.get(name)
    return load_actor_type(name, path) if path is not None and name != CUSTOMER else None


def other_types() -> tuple[str, ...]:
    """Return the names of the actor types that are not customers: staff, and the project's own."""
    return (STAFF, *(name for name in config().passwordless.actors if name not in (CUSTOMER, STAFF)))


def load_actor_type(name: str, path: Any) -> ActorType:
    """Build a project's actor type.

    Raises:
        ImportError: there is nothing at the path.
        TypeError: it is no subclass of `ActorType`.
    """
    declared = import_string(path)
    if not (isinstance(declared, type) and issubclass(declared, ActorType)):
        raise TypeError(f"{path} is no subclass of ActorType")
    return declared(name)


def _spells(stored: Any, identifier: Identifier) -> bool:
    if identifier.kind == IdentifierKind.PHONE:
        return str(getattr(stored, "as_e164", stored)) == identifier.value
    return isinstance(stored, str) and stored.isascii() and stored.lower() == identifier.value


def _value(entity: Any, path: str) -> Any:
    """Return the value of a field, or ``None`` where a row on the way to it is missing."""
    for name in path.split("__"):
        entity = getattr(entity, name, None)
    return entity
