"""What a route says of itself, for schemas and for the tests that hold it to its word."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from rest_framework import serializers

from customer_registration.api.schema.security import PUBLIC

View = TypeVar("View", bound=Callable[..., Any])
Shape = type[serializers.Serializer[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A route, described; `describe` says what each of these is."""

    ids: tuple[str, ...]
    summary: str
    tag: str
    answers: tuple[Shape, ...]
    request: Shape | None
    status: int
    text: str
    access: tuple[str, ...]
    query: Shape | None
    raises: tuple[type[Exception], ...]
    refusal: Shape | None
    sets_cookie: bool

    def id_for(self, method: str) -> str:
        """Return the operationId of a method; a second one belongs to PATCH."""
        return self.ids[-1] if method == "PATCH" else self.ids[0]


def describe(
    *ids: str,
    summary: str,
    tag: str,
    answers: tuple[Shape, ...] = (),
    request: Shape | None = None,
    status: int = 200,
    text: str = "",
    access: tuple[str, ...] = PUBLIC,
    query: Shape | None = None,
    raises: tuple[type[Exception], ...] = (),
    refusal: Shape | None = None,
    sets_cookie: bool = False,
) -> Callable[[View], View]:
    """Describe an operation in the OpenAPI schema.

    The customer's routes take ``fields`` too, which is left out: it drops keys of an answer, so none could be promised.

    Args:
        ids: the operationId, and that of PATCH where the view answers it too. Public: generated clients use them.
        summary: a few words.
        tag: which part of the API it belongs to.
        answers: the shapes of a success.
        request: the body, if any.
        status: of a success.
        text: what a success says where it is plain text.
        access: the alternatives to show who asks, see `security`.
        query: the query string, if any.
        raises: errors beyond those that follow from the rest, see `errors`.
        refusal: a 400 of a shape of its own.
        sets_cookie: whether a success sets the session cookie.
    """
    operation = Operation(
        ids=ids,
        summary=summary,
        tag=tag,
        answers=answers,
        request=request,
        status=status,
        text=text,
        access=access,
        query=query,
        raises=raises,
        refusal=refusal,
        sets_cookie=sets_cookie,
    )

    def note(view: View) -> View:
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return note
