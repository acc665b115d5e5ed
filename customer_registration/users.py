"""How a Django user is made, kept in step and closed, for any ``AUTH_USER_MODEL``."""

from collections.abc import Callable, Collection
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import (
    BinaryField,
    CharField,
    F,
    Field,
    FileField,
    GenericIPAddressField,
    JSONField,
    Q,
    QuerySet,
    TextField,
    UniqueConstraint,
    Value,
)
from django.db.models.functions import Cast, Concat, Replace, Right
from django.utils.module_loading import import_string

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer

__all__ = ["DefaultUserAdapter"]

# PhoneNumberField reads "closed-5551234" as a number in Iceland. Letters that no UUID has, so that none coincide.
PHONE_FIELDS = ("phone", "phone_number")
_KEEP = object()
_SPELT_DIGITS = str.maketrans("0123456789", "ghijklmnop")


class DefaultUserAdapter:
    """Serves ``auth.User`` and models whose username is an e-mail address or a phone number.

    Name a subclass in ``USER_ADAPTER`` for a model with more fields to fill. A contact that is not known, or no longer
    held, is NULL where the column may be; else a name that no contact spells if it must be unique; else empty.
    """

    def create(self, customer: Customer, *, password: str) -> Any:
        """Save and return the user of a new customer.

        Args:
            customer: not saved yet, with its id and contacts.
            password: a hash made by Django's hashers.

        Raises:
            IntegrityError: the model holds an equal username or contact already.
        """
        user = self.build(customer)
        user.password = password
        user.save(force_insert=True)
        return user

    def build(self, customer: Customer) -> Any:
        """Return an unsaved user with the customer's contacts; password validators compare against it.

        Args:
            customer: with their id and contacts, saved or not.
        """
        user = get_user_model()()
        for field in self.fields_named_by_id():
            setattr(user, field.name, customer.pk)
        for kind, field in self._contact_fields():
            value = getattr(customer, kind.value)
            if value is not None or field.null:
                setattr(user, field.name, value)
        return user

    def set_contact(self, user: Any, identifier: Identifier) -> None:
        """Save a contact on the user, where the model has a field for it.

        Args:
            user: of a customer, saved.
            identifier: canonical; it takes the place of what the field holds.

        Raises:
            IntegrityError: the model holds an equal contact already.
        """
        if field := self.field_for(identifier.kind):
            setattr(user, field.name, identifier.value)
            user.save(update_fields=[field.name])

    def release_contact(self, user: Any, kind: IdentifierKind) -> None:
        """Save the user without one of its contacts, which somebody else has claimed.

        Args:
            user: of a customer, saved.
            kind: of the contact.
        """
        user.save(update_fields=self.clear_contact(user, kind))

    def clear_contact(self, user: Any, kind: IdentifierKind) -> list[str]:
        """Take a contact off the user, to be saved by the caller; return the fields that have changed.

        Args:
            user: of a customer, saved.
            kind: of the contact.
        """
        # Only the fields named here are saved: the row was read before the transaction, and nothing else may go back.
        field = self.field_for(kind)
        if field is None:
            return []
        # Cut in front, where nothing tells two users apart: a primary key may be a UUID, and a phone has 16 characters.
        name = f"closed-{user.pk}".translate(_SPELT_DIGITS)[-(field.max_length or 0) :]
        empty = name if _is_unique(field) else ""
        setattr(user, field.name, None if field.null else empty)
        return [field.name]

    def close(self, user: Any) -> None:
        """Save a user that nobody can log in as and that holds no contact; its row stays for foreign keys.

        Args:
            user: of a customer, saved.
        """
        user.password = make_password(None)
        contacts = [name for kind in IdentifierKind for name in self.clear_contact(user, kind)]
        user.save(update_fields=["password", *contacts])

    def erase(self, users: "QuerySet[Any]") -> None:
        """Save users without anything personal, in one statement; their rows stay for foreign keys.

        What may be NULL becomes NULL, except relations; text that must be unique becomes ``deleted-<pk>``, other text,
        files, JSON and binary values become empty. Stored files are deleted after the commit. Nobody can log in.

        Args:
            users: those of a batch of customers.
        """
        fields = users.model._meta.concrete_fields
        _delete_files(users)
        values = {field.name: empty for field in fields if (empty := _emptied(field)) is not _KEEP}
        values["password"] = make_password(None)
        if any(field.name == "is_active" for field in fields):
            values["is_active"] = False
        users.update(**values)

    def delete(self, users: "QuerySet[Any]") -> None:
        """Delete users, and with them what cascades: their customers, and rows of the project's.

        Args:
            users: those of a batch of customers.

        Raises:
            ProtectedError, RestrictedError: rows of the project's hold on to one of them.
        """
        _delete_files(users)
        users.delete()

    def username_kind(self) -> IdentifierKind | None:
        """Return which contact the model uses as username, or ``None`` for a username of its own."""
        name = get_user_model().USERNAME_FIELD
        return next((kind for kind, field in self._contact_fields() if field.name == name), None)

    def field_for(self, kind: IdentifierKind) -> "Field[Any, Any] | None":
        """Return the model's field for a kind of contact; a phone's is called ``phone`` or ``phone_number``.

        Args:
            kind: e-mail or phone.
        """
        model = get_user_model()
        names = {model.get_email_field_name()} if kind == IdentifierKind.EMAIL else set(PHONE_FIELDS)
        return next((field for field in model._meta.concrete_fields if field.name in names), None)

    def fields_named_by_id(self) -> "list[Field[Any, Any]]":
        """Return the fields that hold the customer's id: a username of its own, and until they are known contacts
        that must be unique and cannot be NULL, such as a phone username while the customer registers by e-mail.
        """
        model = get_user_model()
        contacts = [field for _, field in self._contact_fields()]
        return [
            field
            for field in model._meta.concrete_fields
            if (field in contacts and not field.null and _is_unique(field))
            or (field not in contacts and field.name == model.USERNAME_FIELD)
            # The username that AbstractUser brings, beside a USERNAME_FIELD of the project's.
            or (field not in contacts and field.name == "username" and _is_unique(field))
        ]

    def _contact_fields(self) -> "list[tuple[IdentifierKind, Field[Any, Any]]]":
        return [(kind, field) for kind in IdentifierKind if (field := self.field_for(kind))]


def _emptied(field: "Field[Any, Any]") -> Any:
    """Return what an erased user holds in a field, or ``_KEEP``."""
    if field.primary_key or field.is_relation or getattr(field, "generated", False):
        return _KEEP
    if field.null:
        return None
    if isinstance(field, (CharField, TextField)):
        return _stand_in(field) if _is_unique(field) else ""
    if isinstance(field, FileField):
        return ""
    if isinstance(field, GenericIPAddressField):
        # Nobody's: the column takes no empty text.
        return _KEEP if _is_unique(field) else "0.0.0.0"  # noqa: S104  # nosec B104  # no address to listen on
    if isinstance(field, JSONField):
        return Value([] if field.default is list else {}, field)
    return b"" if isinstance(field, BinaryField) else _KEEP


def _stand_in(field: "Field[Any, Any]") -> Any:
    """Return the expression of a text that is each user's own: ``deleted-<pk>``."""
    key: Any = Cast("pk", CharField())
    if field.name in PHONE_FIELDS:
        for digit, letter in _SPELT_DIGITS.items():
            key = Replace(key, Value(chr(digit)), Value(chr(letter)))
    named = Concat(Value("deleted-"), key, output_field=CharField())
    return Right(named, field.max_length) if field.max_length else named


def _delete_files(users: "QuerySet[Any]") -> None:
    """Delete the stored files of users after the commit, less those that everybody has by default."""
    fields = [field for field in users.model._meta.concrete_fields if isinstance(field, FileField)]
    if not fields:
        return
    for row in users.values_list(*(field.name for field in fields)):
        for field, name in zip(fields, row, strict=True):
            if name and name != field.get_default():
                transaction.on_commit(_removal(field, name), robust=True)


def _removal(field: FileField, name: str) -> Callable[[], None]:
    """Return a hook with a name, by which Django logs it if it fails: a partial has none."""

    def remove() -> None:
        field.storage.delete(name)

    return remove


def _is_unique(field: "Field[Any, Any]") -> bool:
    """Whether two users cannot hold one value, be it together with another field."""
    options = field.model._meta
    constraints = [each for each in options.constraints if isinstance(each, UniqueConstraint)]
    together = [*options.unique_together, *(_names_in(constraint) for constraint in constraints)]
    return field.unique or any(field.name in names for names in together)


def _names_in(constraint: UniqueConstraint) -> set[str]:
    """Return the fields of a constraint, those in its expressions too: ``Lower("email")``."""
    expressions: list[Any] = list(constraint.expressions)
    parts: list[Any] = [part for expression in expressions for part in expression.flatten()]
    return {*constraint.fields, *(part.name for part in parts if isinstance(part, F))}  # type: ignore[attr-defined]


def user_adapter() -> DefaultUserAdapter:
    """Return an instance of the project's adapter."""
    adapter: DefaultUserAdapter = import_string(config().user_adapter)()
    return adapter


def staff_among(user_ids: "Collection[Any] | QuerySet[Any, Any]") -> set[Any]:
    """Return the keys of the users who are staff or superusers, be that a column of their model or a property."""
    users = get_user_model()._base_manager.filter(pk__in=user_ids)
    columns = {field.name for field in get_user_model()._meta.concrete_fields}
    flags = ("is_staff", "is_superuser")
    if all(name in columns or not hasattr(get_user_model(), name) for name in flags):
        wanted = [Q(**{name: True}) for name in flags if name in columns]
        return set(users.filter(reduce(or_, wanted)).values_list("pk", flat=True)) if wanted else set()
    return {user.pk for user in users if any(getattr(user, name, False) for name in flags)}
