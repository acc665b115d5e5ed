"""docs/openapi.yaml is what our routes say of themselves.

Renew it: ``python manage.py spectacular --urlconf customer_registration.urls --file docs/openapi.yaml``.
"""

import difflib
from pathlib import Path
from typing import Any

import pytest
import yaml

FILE = Path(__file__).parents[2] / "docs" / "openapi.yaml"
SHOWN = 80


def difference(kept: Any, made: Any) -> str:
    """Return what differs, as a person would read it."""
    texts = [yaml.safe_dump(each, sort_keys=True, allow_unicode=True, width=120).splitlines() for each in (kept, made)]
    lines = list(difflib.unified_diff(*texts, "docs/openapi.yaml", "the routes", lineterm="", n=6))
    more = [f"… and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more])


def test_the_schema_in_the_docs_is_the_one_of_the_routes(schema: dict[str, Any]) -> None:
    if told := difference(yaml.safe_load(FILE.read_text(encoding="utf-8")), yaml.safe_load(yaml.safe_dump(schema))):
        pytest.fail(f"{told}\n\n{(__doc__ or '').splitlines()[2]}", pytrace=False)


def test_a_difference_is_shown(schema: dict[str, Any]) -> None:
    changed = {**schema, "info": {**schema["info"], "title": "Another"}}
    told = difference(schema, changed)
    assert "-  title: Customer registration" in told
    assert "+  title: Another" in told
    assert len(told.splitlines()) < 20


def test_of_a_large_difference_the_beginning_is_shown(schema: dict[str, Any]) -> None:
    assert difference(schema, {}).splitlines()[-1].startswith("… and ")
