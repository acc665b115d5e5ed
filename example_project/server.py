"""Serve the shop from a thread of this process: pure Python, for trying it out."""

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"
LOOK_FOR_SHUTDOWN_SECONDS = 0.05


class CannotListen(Exception):
    """The port cannot be had."""


class QuietRequestHandler(WSGIRequestHandler):
    """Serves without a log line a request."""

    # Head and body are written apart; without this the body waits 40 ms for the client's delayed ACK of the head.
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def listening(port: int) -> Iterator[ThreadedWSGIServer]:
    """Bind a server to a port of this machine, 0 for any free one, and give the port back at the end.

    Raises:
        CannotListen: the port is in use or not allowed.
    """
    try:
        server = ThreadedWSGIServer((HOST, port), QuietRequestHandler)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise CannotListen(f"Port {port} {reason}.") from error
    try:
        yield server
    finally:
        server.server_close()


@contextmanager
def serving(server: ThreadedWSGIServer, application: Callable[..., Any]) -> Iterator[str]:
    """Serve an application from a thread until the block ends; yield the base URL."""
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, args=(LOOK_FOR_SHUTDOWN_SECONDS,), name="shop", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
