"""The id of the request that is being served, for every log record that it causes, in the worker too.

A context variable, so it is right under threads and under ASGI, where many requests take turns in one.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
# Enough for UUIDs, ULIDs and the ids of load balancers; nothing that could break a line, a JSON string or a header, and
# no @, so that nobody's address comes along.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=/+-]{7,127}")

_current: ContextVar[str] = ContextVar("customer_registration.request_id", default="")


def current() -> str:
    """Return the id of the request or task that is under way; "" if there is none."""
    return _current.get()


def new() -> str:
    """Return a new id: 32 hex digits, random."""
    return uuid.uuid4().hex


def is_sane(text: object) -> bool:
    """Whether an id from elsewhere may be taken over: 8 to 128 characters, letters, digits and ``. _ : = / + -``."""
    return isinstance(text, str) and _SANE.fullmatch(text) is not None


@contextmanager
def bound(request_id: str) -> Iterator[None]:
    """Make this the id of what happens meanwhile."""
    mark = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(mark)
