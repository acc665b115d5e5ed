"""Whatever is sent to a route, by whomever, is answered as /openapi.json says.

Short in CI. By hand, other values at every run: ``TEST_FUZZ_EXAMPLES=200 pytest tests/fuzz/test_openapi.py -n 2``.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import assume

pytest.importorskip("schemathesis", reason='needs schemathesis: pip install -e ".[fuzz]"')

from tests.fuzz.budget import budget
from tests.fuzz.conftest import Caller
from tests.fuzz.door import CHECKS, described


@described.parametrize()
@budget(3)
def test_every_answer_is_as_the_schema_says(
    case: Any, callers: list[Caller], rolled_back: Callable[[], AbstractContextManager[None]]
) -> None:
    assume(not names_its_password(case))
    for caller in callers:
        with rolled_back():
            sent = at_home(case, caller)
            answer = sent.call(headers=caller.headers)
            sent.validate_response(answer, checks=CHECKS, headers=caller.headers)


def names_its_password(case: Any) -> bool:
    """Whether a password stands in the path too, by chance: what logs a path would seem to tell it."""
    sent = case.body.values() if isinstance(case.body, dict) else []
    return any(each in (case.path_parameters or {}).values() for each in sent)


def at_home(case: Any, caller: Caller) -> Any:
    """Return a case with a caller's own values in place of generated ones, so that it gets past the door."""
    if not caller.values or case.meta.generation.mode.is_negative:
        return case
    own = {"actor": "user" if caller.name == "staff" else "customer", "provider": "emailpass"}
    path = {name: own.get(name, value) for name, value in (case.path_parameters or {}).items()}
    body = case.body
    if isinstance(body, dict):
        body = {name: caller.values.get(name, value) for name, value in body.items()}
    return case.operation.Case(path_parameters=path, query=case.query, headers=case.headers, body=body)
