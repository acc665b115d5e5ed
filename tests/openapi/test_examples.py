"""Every example of the schema is a request that was sent here and the answer that came.

Renew them: ``TEST_RENEW_EXAMPLES=1 pytest tests/openapi/test_examples.py``.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from jsonschema import Draft4Validator, FormatChecker

from customer_registration.api.schema import examples
from tests.by_code import UNHURRIED
from tests.conftest import Api
from tests.openapi.conftest import operations
from tests.openapi.story import Told

THEN = datetime(2026, 1, 15, 9, 30, 10, tzinfo=UTC)  # in the middle of an authenticator app's time step


def test_they_are_what_the_routes_say(api: Api, configure: Callable[..., None]) -> None:
    configure(**UNHURRIED)
    with time_machine.travel(THEN, tick=False):
        story = Told(api, configure)
        story.all_of_it()
    if os.environ.get("TEST_RENEW_EXAMPLES") == "1":
        text = json.dumps(dict(sorted(story.examples.items())), indent=1, ensure_ascii=False)
        examples.FILE.write_text(f"{text}\n", encoding="utf-8")
    assert story.examples == json.loads(examples.FILE.read_text(encoding="utf-8"))


def test_every_operation_shows_a_success_and_what_it_is_sent(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        [success] = [answer for status, answer in operation["responses"].items() if status < "300"]
        [content] = success["content"].values()
        assert content["examples"], name
        if operation.get("requestBody", {}).get("required"):
            assert operation["requestBody"]["content"]["application/json"]["examples"], name


def contents(schema: dict[str, Any]) -> list[Any]:
    """Return every example of every operation, with its schema and where it stands."""
    found = []
    for name, operation in operations(schema).items():
        places = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for place, said in places.items():
            for content in said.get("content", {}).values():
                for key, example in content.get("examples", {}).items():
                    found.append((f"{name} {place} {key}", content["schema"], example["value"]))
    return found


def test_each_is_as_its_schema_says(schema: dict[str, Any]) -> None:
    told = contents(schema)
    assert len(told) > 80
    for where, shape, value in told:
        check(schema, shape, value, where)


def test_the_example_of_each_error_is_as_its_schema_says(schema: dict[str, Any]) -> None:
    errors = {name: shape for name, shape in schema["components"]["schemas"].items() if "example" in shape}
    assert len(errors) > 30
    for name, shape in errors.items():
        check(schema, shape, shape["example"], name)


def check(schema: dict[str, Any], shape: Any, value: Any, where: str) -> None:
    whole = {**nulls(shape), "components": nulls(schema["components"])}
    faults = [fault.message for fault in Draft4Validator(whole, format_checker=FormatChecker()).iter_errors(value)]
    assert faults == [], where


def nulls(shape: Any) -> Any:
    """Return an OpenAPI 3.0 schema as JSON schema, which knows no ``nullable``."""
    if isinstance(shape, list):
        return [nulls(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    rest = {name: nulls(each) for name, each in shape.items() if name not in ("nullable", "example", "examples")}
    return {"anyOf": [rest, {"type": "null"}]} if shape.get("nullable") is True else rest


@pytest.mark.parametrize("value", [{"token": 1}, {"token": "x", "more": 1}, {}])
def test_the_check_finds_what_is_no_token(schema: dict[str, Any], value: Any) -> None:
    with pytest.raises(AssertionError):
        check(schema, {"$ref": "#/components/schemas/TokenAnswer"}, value, "")
