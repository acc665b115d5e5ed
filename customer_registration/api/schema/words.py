"""Fields of closed sets.

An enumeration right under a property is taken out by drf-spectacular and named after the property, for the whole
project: a ``status`` of ours would rename a project's own ``StatusEnum``. One level deeper it is left where it stands.
"""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from customer_registration.api.validation import Choice


class Word(Choice):
    """One of a few strings, in an answer."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(words, **options)


class AlwaysTrue(serializers.BooleanField):
    """The mark of an answer that is told from others by it."""


def closed(values: Sequence[Any], kind: str = "string") -> dict[str, Any]:
    """Return the JSON schema of one of some values."""
    return {"oneOf": [{"type": kind, "enum": list(values)}]}
