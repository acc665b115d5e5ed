"""Each request of a benchmark is asked once and its answer counted once, whatever the server does."""

import json
import socket
import struct
import threading
import time
from collections import defaultdict
from itertools import repeat
from types import SimpleNamespace

import pytest

from tests.benchmarks import wire
from tests.benchmarks.loopback import LoopbackHandler, LoopbackServer
from tests.benchmarks.wire import Ask, Seen, drive

CONNECTIONS = 4


class Server(LoopbackServer):
    """Answers each path in a way of its own, and keeps what was asked on each connection."""

    def __init__(self):
        super().__init__(Handler)
        self.asked = defaultdict(list)  # port of the client → paths, in order
        self.crowd = threading.Barrier(CONNECTIONS)
        self.over = threading.Event()

    @property
    def paths(self):
        return [path for connection in self.asked.values() for path in connection]

    def drive(self, asks, *, connections=1, seconds=10.0):
        return drive(self.server_address, asks, connections=connections, seconds=seconds, keep=True)


class Handler(LoopbackHandler):
    """The first part of a path says how it is answered."""

    def answer(self, _):
        self.server.asked[self.client_address[1]].append(self.path)
        getattr(self, self.path.split("/")[1])()

    def plain(self):
        self.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(self.path), self.path.encode()))

    def together(self):
        """Answer nobody before everybody has asked."""
        self.server.crowd.wait(10)
        self.plain()

    def empty(self):
        self.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    def misleading(self):
        self.send(b"HTTP/1.1 200 OK\r\nx-full-content-length: 900\r\ncontent-length: 2\r\n\r\nok")

    def dripping(self):
        self.send(b"HTTP/1.1 20", b"1 Created\r\nContent-Len", b"gth: 5\r\n\r", b"\nthe", b"re")

    def chunked(self):
        """Send chunks, one of which ends as the last one does."""
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.send(head + b"4;name=value\r\n10\r\n\r\n", b"1", b"\r\n!\r\n", b"0\r\n", b"\r\n")

    def silent(self):
        self.server.over.wait(10)

    def closing(self):
        """Promise more than is sent."""
        self.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
        self.close_connection = True

    def resetting(self):
        """Answer, and reset the connection, so that not even a request can be sent on it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.plain()
        self.close_connection = True
        self.connection.close()

    def send(self, *packets):
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for packet in packets:
            self.wfile.write(packet)
            time.sleep(0.01 if len(packets) > 1 else 0)


@pytest.fixture
def server():
    made = Server()
    with made.serving():
        yield made
        made.over.set()


@pytest.mark.parametrize("connections", [1, 3, 90])
def test_every_request_is_asked_once_and_answered_once(server, connections):
    paths = [f"/plain/{number:02}" for number in range(40)]
    seen = server.drive((Ask("GET", path) for path in paths), connections=connections)
    assert sorted(server.paths) == paths
    assert sorted(seen.bodies) == [path.encode() for path in paths]
    assert seen.statuses == {200: 40}
    assert len(server.asked) <= connections
    assert all(asked == sorted(asked) for asked in server.asked.values())


def test_nothing_to_ask_is_nothing_seen(server):
    seen = server.drive(iter([]), connections=CONNECTIONS)
    assert (seen.latencies, seen.statuses, seen.bodies, seen.rate) == ([], {}, [], 0)
    assert server.paths == []


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("empty", 204, b""),
        ("misleading", 200, b"ok"),
        ("dripping", 201, b"there"),
        ("chunked", 200, b"10\r\n!"),
    ],
)
def test_an_answer_is_read_to_its_end_and_no_further(server, kind, status, body):
    seen = server.drive(Ask("GET", f"/{kind}") for _ in range(3))
    assert seen.statuses == {status: 3}
    assert seen.bodies == [body] * 3
    assert [len(asked) for asked in server.asked.values()] == [3]


def test_there_is_one_request_under_way_on_each_connection(server):
    seen = server.drive(repeat(Ask("GET", "/together"), 3 * CONNECTIONS), connections=CONNECTIONS)
    assert seen.statuses == {200: 3 * CONNECTIONS}
    assert len(server.asked) == CONNECTIONS


def test_a_connection_that_is_closed_amid_an_answer_is_counted_and_the_others_go_on(server):
    asks = [Ask("GET", "/closing"), *repeat(Ask("GET", "/plain"), 8)]
    seen = server.drive(iter(asks), connections=2)
    assert seen.statuses == {0: 1, 200: 8}
    assert len(seen.latencies) == len(server.paths) == 9


def test_a_server_that_closes_every_connection_ends_the_asking(server):
    seen = server.drive(repeat(Ask("GET", "/closing")), connections=3)
    assert seen.statuses == {0: 3}
    assert len(server.paths) == 3


def test_a_request_that_cannot_be_sent_counts_as_a_connection_that_broke(server):
    def asks():
        yield Ask("GET", "/resetting")
        time.sleep(0.05)  # until the reset has arrived
        yield Ask("GET", "/plain")

    seen = server.drive(asks())
    assert seen.statuses == {200: 1, 0: 1}
    assert server.paths == ["/resetting"]


def test_a_server_that_stays_silent_is_given_up(server, monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(TimeoutError, match=r"^2 requests are unanswered"):
        server.drive(repeat(Ask("GET", "/silent"), 2), connections=2)


def test_the_time_limit_ends_it_and_what_is_under_way_is_waited_for(server):
    seen = server.drive(repeat(Ask("GET", "/together")), connections=CONNECTIONS, seconds=0)
    assert seen.statuses == {200: CONNECTIONS}
    assert len(server.paths) == CONNECTIONS


def test_the_clock_does_not_run_while_the_first_requests_are_made(server, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(wire, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def asks():
        now[0] += 100  # people are written
        yield Ask("GET", "/plain")
        now[0] += 2
        yield Ask("GET", "/plain")

    seen = server.drive(asks(), seconds=3)
    assert seen.statuses == {200: 2}
    assert seen.seconds == 2


def test_latencies_are_those_of_each_answer_and_the_rate_that_of_all(server):
    seen = server.drive(repeat(Ask("GET", "/dripping"), 4), connections=2)
    assert min(seen.latencies) >= 0.04
    assert max(seen.latencies) <= seen.seconds
    assert seen.rate == 4 / seen.seconds <= 2 / 0.04


def test_percentiles_of_many_answers_of_one_and_of_none():
    many = Seen(latencies=[number / 1000 for number in range(101)])
    assert (many.within(50), many.within(99)) == pytest.approx((50, 99))
    assert (Seen(latencies=[0.007]).within(50), Seen(latencies=[0.007]).within(99)) == (7, 7)
    assert Seen().within(50) == 0


def test_a_request_is_sent_as_http():
    body = {"name": "Žofie", "city": "大阪"}
    sent = Ask("POST", "/a/path", body, "a.b.c", (("x-key", "pk_1"), ("x-other", "2"))).encode("127.0.0.1:80")
    head, _, rest = sent.partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == "POST /a/path HTTP/1.1"
    assert sorted(headers) == [
        "authorization: Bearer a.b.c",
        f"content-length: {len(rest)}",
        "content-type: application/json",
        "host: 127.0.0.1:80",
        "x-key: pk_1",
        "x-other: 2",
    ]
    assert json.loads(rest) == body


def test_a_request_without_a_body_says_so():
    assert Ask("GET", "/").encode("h") == b"GET / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"
    assert Ask("POST", "/", {}).encode("h").endswith(b"content-length: 2\r\ncontent-type: application/json\r\n\r\n{}")
