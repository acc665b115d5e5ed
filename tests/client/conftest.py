"""Every test here runs on both clients: a `Visitor` is one of them, and returns the async one's results at once."""

import inspect
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest
from django.core import mail
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from customer_registration.client import AsyncStorefrontClient, StorefrontClient
from example_project.wsgi import application

BASE_URL = "https://shop.example.com"


class Visitor:
    """Either client."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            return finished(result) if inspect.iscoroutine(result) else result

        return call if callable(method) else method


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return the result of a coroutine that waits for nothing; below an event loop Django would refuse its database."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for an event loop")


class Shop:
    """A shop that answers what it was told to and remembers what it was asked; the last answer is repeated."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []
        self.answers: list[httpx.RequestError | dict[str, Any]] = [{"status_code": 200, "json": {}}]

    def will(self, *answers: httpx.RequestError | dict[str, Any]) -> None:
        """Answer these in turn: the arguments of an `httpx.Response`, or an error of the network."""
        self.answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Handle a request."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.RequestError):
            raise answer
        return httpx.Response(**answer)

    @property
    def asked(self) -> httpx.Request:
        """The only request."""
        (request,) = self.requests
        return request


@pytest.fixture(params=[StorefrontClient, AsyncStorefrontClient])
def connect(request: pytest.FixtureRequest) -> Callable[..., Visitor]:
    """Connect a visitor to whatever handles requests; their pauses are written down, not slept."""

    def run(
        handler: Callable[[httpx.Request], httpx.Response],
        *,
        base_url: str = BASE_URL,
        pauses: list[float] | None = None,
        **options: Any,
    ) -> Visitor:
        write_down = [].append if pauses is None else pauses.append

        async def write_down_later(seconds: float) -> None:
            write_down(seconds)

        sleep = write_down if request.param is StorefrontClient else write_down_later
        return Visitor(request.param(base_url, transport=httpx.MockTransport(handler), sleep=sleep, **options))

    return run


@pytest.fixture
def shop() -> Shop:
    """A shop of made-up answers."""
    return Shop()


@pytest.fixture
def visit(connect: Callable[..., Visitor], shop: Shop) -> Callable[..., Visitor]:
    """Visit the shop of made-up answers."""
    return lambda **options: connect(shop, pauses=shop.slept, **options)


@pytest.fixture
def kept_connection(db: None) -> Iterator[None]:
    """Let a request leave the test's connection, and the transaction in it, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def live(
    kept_connection: None, connect: Callable[..., Visitor], django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[..., Visitor]:
    """Visit the real app, in a transaction that the test rolls back."""
    wsgi = httpx.WSGITransport(app=application)

    def serve(request: httpx.Request) -> httpx.Response:
        with django_capture_on_commit_callbacks(execute=True):
            answer = wsgi.handle_request(request)
            content = answer.read()
            answer.close()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    return lambda **options: connect(serve, **options)


def mailed_token(to: str, page: str) -> str:
    """Return the token in the link to a page in the newest mail to an address that has one."""
    bodies = [str(message.body) for message in reversed(mail.outbox) if message.to == [to]]
    found = next(filter(None, (re.search(rf"{page}\?token=(\S+)", body) for body in bodies)), None)
    assert found, bodies
    return found[1]
