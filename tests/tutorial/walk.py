"""Do what the tutorial says: write its files, type its commands, read its answers."""

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from tests.live_shop import ROOT, stop, wait_for

SECONDS = 60
RUNSERVER = "python manage.py runserver"
# The test run's own environment stands in for the virtualenv.
OF_THE_VIRTUALENV = ("python -m venv", ". .venv", "pip install")
PLUGIN = "customer_registration.testing.plugin"
# Where the package was installed before it had a plugin, as tests/conftest.py says.
WITH_PLUGIN = "" if any(each.value == PLUGIN for each in entry_points(group="pytest11")) else f" -p {PLUGIN}"
PROGRAMS = {"python": "", "django-admin": "-m django", "pytest": f"-m pytest{WITH_PLUGIN}"}
MAILED = re.compile(r"^Subject: (\d{6}) ", re.MULTILINE)
# What differs from one walk to the next, as the page shows it and as it is.
DIFFERENT = {
    r"eyJ\w+…": r"eyJ[\w.-]+",
    r"cus_\w+": r"cus_\w+",
    r"\d{4}-\d\d-\d\dT[\d:.]+Z": r"\d{4}-\d\d-\d\dT[\d:.]+Z",
    r"in \d+\.\d+s": r"in \d+\.\d+s",
    "…": ".*",
}


@dataclass
class Block:
    """A fenced block: its language, its lines, and the file that its first line names."""

    language: str
    source: str

    @property
    def path(self) -> str | None:
        """The file, where the first line is a comment that names one."""
        named = re.match(r"(?:#|<!--) ([\w/]+\.\w+)", self.source)
        return named[1] if named else None

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a console, each with what the page shows below it."""
        parts = re.split(r"^\$ ", self.source, flags=re.MULTILINE)[1:]
        return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)]


@dataclass
class Walk:
    """One walk through the page, in a folder that is empty at first."""

    folder: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    server: "subprocess.Popen[bytes] | None" = None
    is_stale: bool = False

    def __post_init__(self) -> None:
        """Lay out the programs that a virtualenv would have, and lead curl to where the shop is."""
        self.log = self.home / "server.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (self.home / ".curlrc").write_text(
            f'connect-to = "localhost:8000:127.0.0.1:{self.port}"\nsilent\nnoproxy = "*"\n'
        )
        for name, arguments in PROGRAMS.items():
            program = self.home / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            program.chmod(0o755)
        self.environment = {
            "PATH": f"{self.home}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
        }

    def do(self, block: Block) -> None:
        """Do what a block says."""
        if block.path:
            self._write(block.path, block.source)
        elif block.language == "sh":
            lines = [line for line in block.source.splitlines() if not line.startswith(OF_THE_VIRTUALENV)]
            self._type("\n".join(line for line in lines if line != RUNSERVER))
            if RUNSERVER in lines:
                self._serve()
        else:
            assert block.language == "console", block.language
            self._talk(block)

    def _write(self, path: str, source: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text() if path == "shop/settings.py" else ""  # to which the page adds
        file.write_text(before + source)
        self.is_stale = True

    def _talk(self, block: Block) -> None:
        if self.server and self.is_stale:
            self.close()
            self._serve()
        for command, shown in block.commands:
            if assigned := re.fullmatch(r"([A-Z]+)=(\S+)(?:  # .*)?", command):
                self.variables[assigned[1]] = self._meant(assigned[2])
            else:
                self.answers.append(self._type(command))
                assert_alike(shown, self.answers[-1])

    def _type(self, typed: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", typed],
            cwd=self.folder,
            env=self.environment | self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{typed}\n{done.stdout}"
        return done.stdout

    def _meant(self, shown: str) -> str:
        """Return what stands in this walk for a value that the page tells its reader to copy."""
        if re.fullmatch(r"\d{6}", shown):
            return self.mailed_code()
        pattern = r'"token":"([^"]+)"' if shown.startswith("eyJ") else r'"id":"(cus_\w+)"'
        return re.findall(pattern, self.answers[-1])[-1]

    def mailed_code(self, before: int = 0) -> str:
        """Return the newest code that the server has printed, waiting for the mail after so many others."""
        deadline = time.monotonic() + SECONDS
        while len(found := MAILED.findall(self.log.read_text())) <= before and time.monotonic() < deadline:
            time.sleep(0.05)
        return found[-1]

    def _serve(self) -> None:
        self.is_stale = False
        command = [*RUNSERVER.split(), f"127.0.0.1:{self.port}", "--noreload"]
        with self.log.open("a") as output:
            self.server = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        wait_for(self.server, self.port, self.log)

    def close(self) -> None:
        """Stop the server."""
        if self.server:
            stop(self.server)
            self.server = None


def assert_alike(shown: str, real: str) -> None:
    """Compare an answer with what the page shows of it."""
    pieces = re.split("(" + "|".join(DIFFERENT) + ")", shown.strip())
    looks = (
        (
            re.sub(each, lambda _, like=like: like, piece)
            for each, like in DIFFERENT.items()
            if re.fullmatch(each, piece)
        )
        for piece in pieces
    )
    pattern = "".join(next(like, re.escape(piece)) for like, piece in zip(looks, pieces, strict=True))
    assert re.fullmatch(pattern, real.strip(), re.DOTALL), f"the page shows\n{shown}\nand the answer is\n{real}"
