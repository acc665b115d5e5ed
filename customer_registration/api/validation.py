"""Strict request schemas with the reference's issue texts.

``400 invalid_data``, "Invalid request: " and the first three issues joined by "; ", in schema order, unknown keys last.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from rest_framework import serializers

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidData, InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.flows.profile import METADATA_MAX_BYTES, metadata_size
from customer_registration.identifiers import kind_of

MAX_ISSUES = 3
PASSWORD_MAX_LENGTH = 4096
TOKEN_MAX_LENGTH = 4096
ID_MAX_LENGTH = 64
NAME_MAX_LENGTH = 255


class Issue(Exception):
    """One thing wrong with a field."""


class FieldMixin(ABC):
    """Reads one field; subclasses check the value that is there."""

    type_name = "string"
    required: bool
    allow_null: bool

    def read(self, name: str, data: Mapping[str, Any]) -> Any:
        """Return the value of ``name``, ``serializers.empty`` if it is absent and may be.

        Raises:
            Issue: it is missing or wrong.
        """
        if name not in data:
            if self.required:
                raise Issue(f"Field '{name}' is required")
            return serializers.empty
        value = data[name]
        return None if value is None and self.allow_null else self.check(name, value)

    @abstractmethod
    def check(self, name: str, value: Any) -> Any:
        """Return the value as the flow wants it.

        Raises:
            Issue: it is wrong.
        """

    def wrong_type(self, name: str, value: Any) -> Issue:
        """Return the issue of a value of another type."""
        return Issue(f"Expected type: '{self.type_name}' for field '{name}', got: '{javascript_string(value)}'")


class Text(FieldMixin, serializers.CharField):
    """A string within its bounds, exactly as sent."""

    def check(self, name: str, value: Any) -> str:
        """Return the string."""
        if not isinstance(value, str):
            raise self.wrong_type(name, value)
        return within(name, value, low=self.min_length, high=self.max_length)


class Choice(Text):
    """One of a few strings."""

    def __init__(self, choices: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options)
        self.choices = choices

    def check(self, name: str, value: Any) -> str:
        """Return the string."""
        text = super().check(name, value)
        if text not in self.choices:
            wanted = " | ".join(f"'{choice}'" for choice in self.choices)
            raise Issue(f"Expected: {wanted} for field '{name}', but got: '{text}'")
        return text


class Code(Text):
    """A one-time code: spaces and hyphens do not count towards its length."""

    def check(self, name: str, value: Any) -> str:
        """Return the code as typed, less spaces and hyphens."""
        text = super().check(name, value)
        return within(name, "".join(part for part in text if not part.isspace() and part != "-"), low=1, high=16)


class Contact(Text):
    """An identifier; blank and null are as absent, since starters send ``""``. ``to_text`` as in `identify`."""

    def __init__(self, kind: IdentifierKind | None, *, to_text: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind
        self.to_text = to_text

    def check(self, name: str, value: Any) -> Any:
        """Return the canonical `Identifier`."""
        text = super().check(name, value)
        if not text.strip():
            return None
        try:
            return identify(text, self.kind or kind_of(text), to_text=self.to_text)
        except InvalidIdentifier as error:
            raise Issue(error.message.removeprefix("Invalid request: ")) from error


class EitherContact(Contact):
    """An identifier of either kind: with an ``@`` an e-mail address, else a phone number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(None, **options)


class EitherIdentifier(EitherContact):
    """An identifier of either kind that has to be there: blank text is none."""

    def check(self, name: str, value: Any) -> Any:
        """Return the canonical `Identifier`."""
        text = Text.check(self, name, value)
        if not text.strip():
            raise Issue(f"Value for field '{name}' too small, expected at least: '1'")
        return super().check(name, text)


class Metadata(FieldMixin, serializers.JSONField):
    """A JSON object of the storefront's own."""

    type_name = "record"

    def check(self, name: str, value: Any) -> dict[str, Any]:
        """Return the object."""
        if not isinstance(value, dict):
            raise self.wrong_type(name, value)
        if metadata_size(value) > METADATA_MAX_BYTES:
            raise Issue(f"Value for field '{name}' too big, expected at most: '{METADATA_MAX_BYTES}'")
        return value


class RequestSchema(serializers.Serializer[Any]):
    """A request body. Keys it does not declare are refused, unless ``ignores_extra_keys``."""

    ignores_extra_keys = False

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that were given.

        Raises:
            InvalidData: with the first three issues.
        """
        declared = cls._declared()
        values: dict[str, Any] = {}
        issues: list[str] = []
        for name, field in declared.items():
            try:
                value = cast(FieldMixin, field).read(name, data)
            except Issue as issue:
                issues.append(str(issue))
            else:
                if value is not serializers.empty:
                    values[name] = value
        unknown = [name for name in data if name not in declared]
        if unknown and not cls.ignores_extra_keys:
            issues.append(f"Unrecognized fields: '{', '.join(unknown)}'")
        if issues:
            raise InvalidData("Invalid request: " + "; ".join(issues[:MAX_ISSUES]))
        return values

    @classmethod
    @cache
    def _declared(cls) -> dict[str, Any]:
        """Return the fields, which keep nothing of what they read; REST framework copies them for each serializer."""
        return dict(cls().fields)


def within(name: str, value: str, *, low: int | None, high: int | None) -> str:
    """Return ``value`` if its length lies within the bounds.

    Raises:
        Issue: it does not.
    """
    if low is not None and len(value) < low:
        raise Issue(f"Value for field '{name}' too small, expected at least: '{low}'")
    if high is not None and len(value) > high:
        raise Issue(f"Value for field '{name}' too big, expected at most: '{high}'")
    return value


def javascript_string(value: Any) -> str:
    """Return a JSON value as JavaScript's ``String()`` spells it, cut to 100 characters."""
    if value is None:
        text = "null"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, dict):
        text = "[object Object]"
    elif isinstance(value, list):
        text = ",".join("" if item is None else javascript_string(item) for item in value[:50])
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    return text[:100]
