"""Errors that no generated body brings about are answered by every route as /openapi.json says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.urls import resolve

pytest.importorskip("schemathesis", reason='needs schemathesis: pip install -e ".[fuzz]"')

from customer_registration.api.base import BaseViewSet
from customer_registration.api.parsing import MAX_BODY_BYTES
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests.fuzz.conftest import Caller
from tests.fuzz.door import SHAPE, described, operations
from tests.security.hostile import BODIES

PATH = {"actor": "customer", "provider": "emailpass", "factor_id": "x", "challenge_id": "x", "request_id": "x"}
CLOSED = "redis://127.0.0.1:1/0"
Send = Callable[..., dict[str, int]]


@pytest.fixture
def send(callers: list[Caller]) -> Send:
    """Send something to every operation as one of the callers; return the statuses by label, all shapes checked."""

    def run(*, by: str = "customer", bodies_only: bool = False, **request: Any) -> dict[str, int]:
        [caller] = [each for each in callers if each.name == by]
        answers = {}
        for operation in operations():
            if bodies_only and not operation.body:
                continue
            case = made(operation, **{name: value for name, value in request.items() if name != "headers"})
            headers = caller.headers | request.get("headers", {})
            with transaction.atomic():  # or a log-out would be the last that a bearer is good for
                answer = case.call(headers=headers)
                transaction.set_rollback(True)
            case.validate_response(answer, checks=SHAPE, headers=headers)
            answers[operation.label] = answer.status_code
        return answers

    return run


def made(operation: Any, **request: Any) -> Any:
    """Return a request to an operation with a body that it could take."""
    path = {each.name: PATH[each.name] for each in operation.path_parameters}
    name = resolve(operation.path.format(**path)).url_name
    body = {"body": BODIES.get(name, {}), "media_type": "application/json"} if operation.body else {}
    return operation.Case(path_parameters=path, **{**body, **request})


def test_a_body_that_is_too_large(send: Send) -> None:
    assert set(send(bodies_only=True, body={"a": "x" * MAX_BODY_BYTES}).values()) == {413}


def test_a_body_that_is_no_json(send: Send) -> None:
    assert set(send(bodies_only=True, headers={"Content-Type": "text/plain"}).values()) == {415}


def test_a_key_that_is_missing(send: Send, configure: Callable[..., None]) -> None:
    configure(PUBLISHABLE_API_KEYS=["pk_shop"])
    answers = send()
    assert {label for label, status in answers.items() if "/store/" in label and status != 400} == set()


@pytest.mark.parametrize("by", ["nobody", "registrant", "staff"])
def test_a_token_that_is_of_no_use(send: Send, by: str) -> None:
    refused = {label for label, status in send(by=by).items() if status == 401}
    assert {"GET /store/customers/me", "POST /auth/mfa/factors"} <= refused


def test_a_session_used_by_another_sites_page(send: Send, callers: list[Caller]) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert send(headers=foreign)["POST /auth/session"] == 403


def test_limits_that_are_used_up(send: Send, configure: Callable[..., None]) -> None:
    configure(RATE_LIMITS={"RULES": dict.fromkeys(DEFAULT_RULES.keys() - {"code_failed"}, "1/h/ip")})
    send()
    limited = {label for label, status in send().items() if status == 429}
    assert {"POST /auth/{actor}/{provider}", "POST /store/customers/otp/send", "POST /store/auth"} <= limited


def test_a_limiter_whose_store_is_down(send: Send, configure: Callable[..., None]) -> None:
    configure(RATE_LIMITS={"STORAGE_URI": CLOSED})
    down = {label for label, status in send().items() if status == 503}
    assert {"POST /auth/{actor}/{provider}/register", "POST /store/customers/me/contact"} <= down


def test_a_fault_that_nobody_foresaw(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseViewSet, "initial", lambda *_, **__: 1 / 0)
    assert set(send().values()) == {500}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_method_that_a_route_does_not_know(callers: list[Caller], method: str) -> None:
    for operation in operations():
        known = {each.upper() for each in described.raw_schema["paths"][operation.path]}
        if method in known:
            continue
        case = made(operation, method=method)
        caller = callers[-1 if operation.path.startswith("/admin/") else 1]
        answer = case.call(headers=caller.headers)
        # No described operation answers it, so the schema has no place for it.
        told = {"type": "method_not_allowed", "message": "Method not allowed", "code": "method_not_allowed"}
        assert (answer.status_code, answer.json()) == (405, told), operation.label
        assert set(answer.headers["allow"][0].split(", ")) - {"HEAD", "OPTIONS"} == known, operation.label
