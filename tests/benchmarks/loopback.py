"""Small servers on the loopback interface, for tests of what asks a server."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LoopbackServer(ThreadingHTTPServer):
    """A server on a free port."""

    daemon_threads = False  # so that all have ended where the test has
    request_queue_size = 128  # connections at once

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve until the block ends, and every connection is closed."""
        thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class LoopbackHandler(ABC, BaseHTTPRequestHandler):
    """One connection, kept open, of which nothing is logged; a subclass has `answer`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Read the body, if there is one, and answer."""
        self.answer(self.rfile.read(int(self.headers["content-length"])))

    def do_POST(self) -> None:
        """Do the same."""
        self.do_GET()

    @abstractmethod
    def answer(self, body: bytes) -> None:
        """Answer a request."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
