"""Run the Python blocks of pages, each page in a fork of its own: ``python -m tests.docs.interpreter SOCKET``.

A fork has a whole project around it, and may change its settings, connect receivers and define models as it likes:
nothing of it is left for the next page.
"""

import contextlib
import io
import json
import os
import socketserver
import sys
import traceback
from pathlib import Path
from typing import Any

import django


class Page(socketserver.StreamRequestHandler):
    """One page: each line of the connection is a block, each line back what became of it."""

    def handle(self) -> None:
        """Run blocks until the page ends."""
        from tests.docs.python_blocks import Namespace  # after django.setup()

        namespace: Any = None
        for line in self.rfile:
            question = json.loads(line)
            error = ""
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                try:
                    if namespace is None:
                        os.chdir(question["folder"])
                        namespace = Namespace(Path(question["folder"]))
                    else:
                        namespace.run(**question)
                except BaseException:  # a block may even exit
                    error = traceback.format_exc()
            self.wfile.write(json.dumps({"error": error, "printed": printed.getvalue()}).encode() + b"\n")


class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Fork for each page."""


if __name__ == "__main__":
    django.setup()
    import tests.docs.python_blocks  # noqa: F401  # once, for all forks

    with Server(sys.argv[1], Page) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()
