"""Requests and answers as they are, recorded by the test that keeps them true (tests/openapi/test_examples.py)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")


@cache
def recorded() -> dict[str, list[dict[str, Any]]]:
    """Return the examples by operationId: each has a ``name``, perhaps a ``body``, a ``status`` and an ``answer``."""
    found: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
