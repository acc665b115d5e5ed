"""No route answers an error that its description does not name: seen at every answer of every test."""

from collections.abc import Iterator
from typing import Any

import pytest

from customer_registration.api.base import BaseViewSet
from customer_registration.api.schema.errors import errors_of

finalize = BaseViewSet.finalize_response


def undescribed(view: Any, response: Any) -> str | None:
    """Return what is wrong with an answer by the description of its route, or nothing."""
    operation = getattr(getattr(view, view.action or "", None), "operation", None)
    if operation is None or response.status_code < 400:
        return None
    told = getattr(response, "data", None) or {}
    if operation.refusal and set(told) == {"error"}:
        return None
    shapes = errors_of(operation, method=view.request.method, store=view.needs_publishable_key)
    for shape in shapes.get(response.status_code, {}):
        keys = {name for name in ("type", "code") if getattr(shape, name)} | {"message"}
        same = all(told.get(name) == getattr(shape, name) for name in ("type", "code"))
        if same and keys <= set(told) and set(told) - keys <= set(shape.extras):
            return None
    return f"{operation.ids[0]} does not name {response.status_code} {told}"


@pytest.fixture(autouse=True)
def every_error_is_described(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compare what every route answers with what it says of itself."""
    found = []

    def compare(view: Any, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if fault := undescribed(view, response):
            found.append(fault)
        return finalize(view, request, response, *args, **kwargs)

    monkeypatch.setattr(BaseViewSet, "finalize_response", compare)
    yield
    if found:
        pytest.fail("\n".join(found), pytrace=False)
