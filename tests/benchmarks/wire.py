"""Ask a server as fast as it answers, on connections kept open, at little cost of our own.

One thread and one selector: the asking shares the machine with what is asked, so it must not be what is measured.
"""

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from statistics import quantiles
from typing import Any, NamedTuple

PATIENCE_SECONDS = 30.0


class Ask(NamedTuple):
    """A request. A body is sent as JSON, a token as bearer."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    token: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self, host: str) -> bytes:
        """Return it as HTTP/1.1."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"host: {host}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += ["content-type: application/json"] if body else []
        lines += [f"authorization: Bearer {self.token}"] if self.token else []
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Seen:
    """What was answered, and how fast.

    Args:
        seconds: how long it took altogether.
        latencies: seconds of each answer.
        statuses: how often each status came; 0 is a connection that broke.
        bodies: of the answers, where they were to be kept.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def within(self, percent: int) -> float:
        """Return the milliseconds within which so many of a hundred answers came; 0 where none did."""
        if len(self.latencies) < 2:
            return 1000 * sum(self.latencies)
        return 1000 * quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


class Line:
    """One connection: an answer at a time."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self._received = b""

    def ask(self, request: bytes) -> None:
        """Send a request. Where the connection is broken already, the answer says so."""
        self._received = b""
        self.began = time.perf_counter()
        with suppress(OSError):
            self.socket.sendall(request)

    def answer(self) -> tuple[int, bytes] | None:
        """Read on; return status and body once the answer is complete.

        Raises:
            OSError: the connection broke.
        """
        read = self.socket.recv(65536)
        if not read:
            raise ConnectionError("closed by the server")
        self._received += read
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return None
        lowered = head.lower()
        if b"\r\ntransfer-encoding: chunked" in lowered:
            body = joined(rest)
        else:
            length = int(lowered.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0] or 0)
            body = rest if len(rest) >= length else None
        return None if body is None else (int(head[9:12]), body)


def joined(chunks: bytes) -> bytes | None:
    """Return the body that was sent in chunks, or None while some are missing."""
    body = b""
    while True:
        size, found, chunks = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16) if found else 0
        if len(chunks) < length + 2:
            return None
        if not length:
            return body
        body, chunks = body + chunks[:length], chunks[length + 2 :]


def drive(
    address: tuple[str, int], asks: Iterator[Ask], *, connections: int, seconds: float, keep: bool = False
) -> Seen:
    """Send requests until the time is over or there are none left; the answers under way are waited for.

    Args:
        address: host and port.
        asks: what to send, each once.
        connections: how many are open, each with one request under way.
        seconds: how long.
        keep: keep the answers' bodies.
    """
    seen, waiting = Seen(), selectors.DefaultSelector()
    host = f"{address[0]}:{address[1]}"
    requests = (ask.encode(host) for ask in asks)
    first = list(islice(requests, connections))  # it may take long to write whom they are about: before the clock runs
    began = time.perf_counter()
    until = began + seconds
    try:
        for request in first:
            line = Line(address)
            waiting.register(line.socket, selectors.EVENT_READ, line)
            line.ask(request)
        while open_lines := len(waiting.get_map()):
            ready = waiting.select(PATIENCE_SECONDS)
            if not ready:
                raise TimeoutError(f"{open_lines} requests are unanswered after {PATIENCE_SECONDS:g} s")
            for key, _ in ready:
                line = key.data
                try:
                    answer = line.answer()
                except OSError:
                    answer = (0, b"")
                if answer is None:
                    continue
                now = time.perf_counter()
                status, body = answer
                seen.latencies.append(now - line.began)
                seen.statuses[status] += 1
                if keep:
                    seen.bodies.append(body)
                following = next(requests, None) if now < until and status else None
                if following is None:
                    waiting.unregister(line.socket)
                    line.socket.close()
                else:
                    line.ask(following)
    finally:
        for key in waiting.get_map().values():
            key.data.socket.close()
        waiting.close()
    seen.seconds = time.perf_counter() - began
    return seen
