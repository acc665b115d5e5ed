"""Every answer in a whole life is as /openapi.json says: the successes, too, that chance seldom finds."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

pytest.importorskip("schemathesis", reason='needs schemathesis: pip install -e ".[fuzz]"')

from tests.fuzz.door import SHAPE, operations
from tests.fuzz.sessions import WholeLife
from tests.fuzz.whole import live_it_all

ROUTES = [
    (operation.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.path)), operation) for operation in operations()
]
SELDOM = {
    "POST /auth/mfa/challenges/{challenge_id}/verify",
    "POST /store/customers/account-deletion/confirm",
    "POST /store/customers/contact/undo",
    "POST /auth/{actor}/otp/register",
    "POST /store/auth/otp",
}


def test_every_success_is_as_the_schema_says(machine: Callable[..., type[WholeLife]]) -> None:
    life, succeeded = machine("both", verifying=True)(), set()

    def hear(method: str, path: str, answer: Any) -> None:
        # The last one that fits, as the fixed paths under /auth come before /auth/{actor}/{provider}.
        fitting = [each for name, route, each in ROUTES if name == method and route.fullmatch(path)]
        operation = max(fitting, key=lambda each: -each.path.count("{"))
        headers = dict(answer.items())
        told = httpx.Response(
            answer.status_code,
            headers=headers,
            content=answer.content,
            request=httpx.Request(method, f"http://x{path}"),
        )
        told.elapsed = timedelta(0)
        operation.Case(path_parameters={}).validate_response(told, checks=SHAPE)
        if answer.status_code < 300:
            succeeded.add(operation.label)

    life.world.hear = hear
    try:
        live_it_all(life)
    finally:
        life.teardown()
    assert succeeded >= SELDOM
