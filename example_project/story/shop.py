"""Speak HTTP to the shop, and say plainly when an answer is not what the story expects."""

import json
import re
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

SHOWN_CHARACTERS = 300
ARRIVAL_SECONDS = 10.0  # a Celery worker may deliver; without one a message is there at once
LOOK_AGAIN_SECONDS = 0.2
TIMEOUT_SECONDS = 30.0


class Unexpected(Exception):
    """The shop did not do what the story says."""

    def __init__(self, *, expected: str, came: str) -> None:
        self.expected = expected
        self.came = came
        super().__init__(f"expected {expected}, came {came}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: httpx.Headers
    text: str

    def expect(self, status: int, **keys: Any) -> dict[str, Any]:
        """Return the JSON object of the body, if the status and the named keys are as they should be.

        Args:
            status: the HTTP status.
            keys: per key its value, or the type of a value that is not empty, or a dict of these for an object.

        Raises:
            Unexpected: they are not.
        """
        body = self._object()
        if self.status != status or not _fits(body, keys):
            raise Unexpected(expected=f"{status} {_spell(keys)}", came=self._shown())
        return body

    def header(self, name: str) -> str:
        """Return a header.

        Raises:
            Unexpected: it is not there.
        """
        value = self.headers.get(name)
        if not value:
            raise Unexpected(expected=f"a {name} header", came=f"{self._shown()} without one")
        return value

    def expect_page(self) -> None:
        """Be content with any page or document.

        Raises:
            Unexpected: an error came.
        """
        if self.status != httpx.codes.OK or not self.text:
            raise Unexpected(expected="200 and a page", came=self._shown())

    def expect_text(self, status: int, text: str) -> None:
        """Be content with this status and this very text.

        Raises:
            Unexpected: something else came.
        """
        if (self.status, self.text) != (status, text):
            raise Unexpected(expected=f"{status} {text}", came=self._shown())

    def _object(self) -> dict[str, Any]:
        try:
            body = json.loads(self.text)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def _shown(self) -> str:
        text = " ".join(self.text.split())
        return f"{self.status} {text[:SHOWN_CHARACTERS]}{'…' if len(text) > SHOWN_CHARACTERS else ''}"


class Shop:
    """The shop behind a base URL; a context manager, since it keeps connections."""

    def __init__(self, base_url: str) -> None:
        # Without the environment: a proxy set there could not reach a server on this machine.
        self._client = httpx.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, traceback)

    def in_another_browser(self) -> "Shop":
        """Return the same shop as a browser sees it that has no cookies yet, and keeps what it is given."""
        return Shop(str(self._client.base_url))

    def get(self, path: str, *, token: str | None = None, **query: str) -> Answer:
        """GET a path."""
        return self._send("GET", path, token=token, params=query)

    def post(self, path: str, body: dict[str, Any] | None = None, *, token: str | None = None) -> Answer:
        """POST a JSON body."""
        return self._send("POST", path, token=token, json=body or {})

    def delete(self, path: str, body: dict[str, Any] | None = None, *, token: str | None = None) -> Answer:
        """DELETE a path, with a JSON body where there is one."""
        return self._send("DELETE", path, token=token, **({"json": body} if body else {}))

    def newest_message(self, to: str) -> int:
        """Return the number of the newest message to somebody, or 0."""
        messages = self.get("/inbox/messages", to=to).expect(200)["messages"]
        return int(messages[0]["id"]) if messages else 0

    def read_message(self, to: str, pattern: str, *, after: int = 0) -> str:
        """Return what the pattern's group matches in the newest message to somebody that has it, once it arrives.

        Args:
            to: an address or a number.
            pattern: with one group, or one in each alternative.
            after: the number of a message; only newer ones are read.

        Raises:
            Unexpected: none arrives.
        """
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while True:
            messages = self.get("/inbox/messages", to=to).expect(200)["messages"]
            for message in (each for each in messages if each["id"] > after):
                if found := re.search(pattern, message["text"], re.MULTILINE):
                    return found[found.lastindex or 0]
            if time.monotonic() > deadline:
                came = f"{len(messages)} others in {ARRIVAL_SECONDS:.0f} s"
                raise Unexpected(expected=f"a message to {to} that matches {pattern!r}", came=came)
            time.sleep(LOOK_AGAIN_SECONDS)

    def _send(self, method: str, path: str, *, token: str | None, **options: Any) -> Answer:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            response = self._client.request(method, path, headers=headers, **options)
        except httpx.HTTPError as error:
            raise Unexpected(expected="an answer", came=f"{type(error).__name__}: {error}") from error
        return Answer(response.status_code, response.headers, response.text)


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(_fits(value.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, type):
        return isinstance(value, wanted) and value not in ("", [], {})
    return bool(value == wanted)


def _spell(wanted: Any) -> str:
    if isinstance(wanted, dict):
        return "{" + ", ".join(f'"{name}": {_spell(each)}' for name, each in wanted.items()) + "}"
    return f"<{wanted.__name__}>" if isinstance(wanted, type) else json.dumps(wanted)
