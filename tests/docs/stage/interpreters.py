"""Talk to the interpreter of the Python blocks."""

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class BlockFailed(AssertionError):
    """A Python block did not run."""


class Interpreter:
    """A fork of the interpreter for one page."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("rw", encoding="utf-8")
        self.folder = folder

    def __enter__(self) -> Self:
        self._ask({"folder": str(self.folder)})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.lines.close()
        self.socket.close()

    def run(self, source: str, **told: Any) -> str:
        """Run code; return what it printed.

        Raises:
            BlockFailed: with its traceback.
        """
        answer = self._ask({"source": source, **told})
        if answer["error"]:
            raise BlockFailed(f"{answer['printed']}{answer['error']}")
        return str(answer["printed"])

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        self.lines.write(json.dumps(question) + "\n")
        self.lines.flush()
        line = self.lines.readline()
        if not line:
            raise BlockFailed("the interpreter died")
        return dict(json.loads(line))
