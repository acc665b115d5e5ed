"""Schemas, as a project would have them made."""

from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.validation import validate_schema

OURS = "customer_registration.urls"


def made(urlconf: str = OURS, **settings: Any) -> dict[str, Any]:
    """Return the schema of a URLconf, valid and made without a warning, under SPECTACULAR_SETTINGS of its own."""
    GENERATOR_STATS.reset()
    with patched_settings(settings), GENERATOR_STATS.silence():
        schema: dict[str, Any] = SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True)
        validate_schema(schema)
    told = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert told == []
    return schema


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations of a schema by their ids."""
    every = [each for methods in schema["paths"].values() for each in methods.values()]
    found = {each["operationId"]: each for each in every}
    assert len(found) == len(every)
    return found


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    """The schema of our routes."""
    return made()
