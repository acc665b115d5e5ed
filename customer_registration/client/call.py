"""One request and the meaning of its answer, without any I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

Result = TypeVar("Result")
Part = TypeVar("Part")

SECRET_KEYS = ("password", "old_password", "token", "code", "otp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Result]):
    """A request that a client can run; the functions in `routes` build them, and a storefront may build its own.

    Args:
        path: below the client's base URL, with a leading slash.
        read: turns the answer, parsed from JSON, into the result.
        method: the HTTP method.
        body: sent as JSON; ``None`` sends no body.
        public: send no bearer: the route takes anybody.
        token: the bearer to send instead of the client's own.
        keep: returns the token in the result that the client is to remember; ``None`` leaves it the one it has.
        forget: the client's token is dead afterwards.
        as_text: the answer is plain text, which ``read`` gets as it is.
    """

    path: str
    read: Callable[[Any], Result]
    method: str = "POST"
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    public: bool = False
    token: str | None = field(default=None, repr=False)
    keep: Callable[[Result], str | None] | None = None
    forget: bool = False
    as_text: bool = False

    @property
    def name(self) -> str:
        """The method and the path, for error texts."""
        return f"{self.method} {self.path}"

    @property
    def secrets(self) -> list[str]:
        """The passwords, tokens and codes that are sent."""
        body = self.body or {}
        return [str(value) for value in (*map(body.get, SECRET_KEYS), self.token) if value is not None]


def segment(text: str) -> str:
    """Return text as one segment of a path."""
    return quote(text, safe="")


def given(**values: Any) -> dict[str, Any]:
    """Return the arguments that are not ``None``: most routes refuse a null where they take an absent key."""
    return {name: value for name, value in values.items() if value is not None}


def under(key: str, read: Callable[[Any], Part]) -> Callable[[Any], Part]:
    """Return a reader of the part of an answer under a key."""
    return lambda answer: read(answer[key])


def text(value: Any) -> str:
    """Return a string of an answer.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def text_or_none(value: Any) -> str | None:
    """Return a string of an answer, or ``None`` where it says null.

    Raises:
        TypeError: it is neither.
    """
    return None if value is None else text(value)


def success(answer: Any) -> None:
    """Read ``{"success": true}``.

    Raises:
        ValueError: the answer is another; a page of some other site can come with a 200 as well.
    """
    if answer["success"] is not True:
        raise ValueError("no success")
