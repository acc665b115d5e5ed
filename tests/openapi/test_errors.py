"""Every error has a place in the schema, and whatever a route answers is described there."""

import inspect
import re
from typing import Any

import pytest

from customer_registration import exceptions
from customer_registration.api import errors
from customer_registration.api.base import BaseViewSet
from customer_registration.api.errors import STATUS, GuardRefused
from customer_registration.api.schema.errors import ErrorShape, errors_of, shape_of
from customer_registration.api.urls import ANY_METHOD, urlpatterns
from customer_registration.exceptions import CustomerRegistrationError
from tests.described import undescribed

# What no described route answers, and why.
NOWHERE = {
    "AccountInactive": "told as nobody's account",
    "Conflict": "the base of two others",
    "CustomerRegistrationError": "the base of all",
    "DeletionClosed": "the admin's",
    "Duplicate": "the base of another",
    "ErasureVetoed": "raised by a project, kept with the request",
    "Forbidden": "the base of others",
    "GateClosed": "the base of the gates",
    "SecondFactorRequired": "answered with a challenge",
}
CODES_NOWHERE = {
    "method_not_allowed": "a described operation knows its method",
    "forbidden": "raised by a project's own code alone",
}


def named() -> set[ErrorShape]:
    """Return the errors that the routes name."""
    found: set[ErrorShape] = set()
    for pattern in urlpatterns:
        view: Any = pattern.callback
        for method, action in view.actions.items():
            if view.actions == ANY_METHOD or method == "head":
                continue
            operation = getattr(view.cls, action).operation
            shapes = errors_of(operation, method=method.upper(), store=view.cls.needs_publishable_key)
            found.update(shape for each in shapes.values() for shape in each)
    return found


@pytest.mark.parametrize("name", [*exceptions.__all__])
def test_every_exception_is_named_by_some_route(name: str) -> None:
    error = getattr(exceptions, name)
    if name in NOWHERE:
        assert not issubclass(error, CustomerRegistrationError) or shape_of(error) not in named()
    else:
        assert shape_of(error) in named()


def test_every_error_of_the_door_is_named_by_some_route() -> None:
    codes = re.findall(r'_plain\(\s*"(\w+)",\s*"([^"]+)",\s*"(\w+)"', inspect.getsource(errors))
    assert len(codes) >= 7
    shapes = {(shape.type, shape.message, shape.code) for shape in named()}
    assert {each for each in codes if each[2] not in CODES_NOWHERE} <= shapes
    assert {code for _, _, code in codes} >= set(CODES_NOWHERE)


def test_the_status_follows_from_the_type() -> None:
    for shape in named():
        assert shape.status == (413 if shape.code == "body_too_large" else STATUS[shape.type or "unauthorized"])


def test_errors_that_look_alike_share_a_shape() -> None:
    assert shape_of(exceptions.InvalidToken) == shape_of(exceptions.IdentityExists)
    assert shape_of(exceptions.FactorNotFound).name == "NotFoundError"
    assert shape_of(GuardRefused).name == "GuardError"
    assert shape_of(exceptions.InvalidOtp) != shape_of(exceptions.InvalidCode)


def test_no_exception_of_another_kind_can_be_described() -> None:
    with pytest.raises(TypeError, match="ErasureVetoed"):
        shape_of(exceptions.ErasureVetoed)


def test_no_two_shapes_share_a_name() -> None:
    names = [shape.name for shape in named()]
    assert len(set(names)) == len(names)


class Refusal:
    """An answer of a route that sends codes."""

    def __init__(self, status_code: int, **data: Any) -> None:
        self.status_code, self.data = status_code, data


@pytest.mark.parametrize(
    ("status", "data", "known"),
    [
        (400, {"type": "not_allowed", "code": "already_verified", "message": "…"}, True),
        (400, {"type": "not_allowed", "code": "factor_exists", "message": "…"}, False),
        (400, {"type": "not_allowed", "code": "already_verified", "message": "…", "more": 1}, False),
        (409, {"type": "conflict", "code": "contact_taken", "message": "…"}, False),
        (200, {"token": "…"}, True),
    ],
)
def test_the_check_of_all_answers_finds_what_is_not_named(status: int, data: Any, known: bool) -> None:
    [pattern] = [each for each in urlpatterns if each.name == "otp-send"]
    view: BaseViewSet = pattern.callback.cls()  # type: ignore[attr-defined]
    view.action = "send"
    view.request = type("Request", (), {"method": "POST"})()
    assert (undescribed(view, Refusal(status, **data)) is None) == known
