"""A shell in the reader's project."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from tests.docs.stage.theatre import Theatre

SECONDS = 60


def type_in(theatre: Theatre, folder: Path, typed: str, variables: dict[str, str]) -> str:
    """Run a command in a folder, on the shop's database; return what it wrote on either stream.

    curl finds the shop where the demo would be, and programs live in the time of the page.
    """
    url, later = httpx.URL(theatre.url), theatre.seconds
    curl = f'connect-to = "localhost:8000:{url.host}:{url.port}"\nsilent\nshow-error\nnoproxy = "*"\n'
    (folder / ".curlrc").write_text(curl)
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    _write_program(programs / "python", f'exec "{sys.executable}" "$@"')
    if oathtool := shutil.which("oathtool"):
        now = datetime.now(UTC) + timedelta(seconds=later)
        _write_program(programs / "oathtool", f'exec {oathtool} --now "{now:%Y-%m-%d %H:%M:%S UTC}" "$@"')
    env = theatre.environment() | {
        "HOME": str(folder),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "DOCS_FOLDER": str(folder),
        "PYTHONUNBUFFERED": "1",  # what is said on both ways comes in the order in which it was said, as on a terminal
    }
    env["PYTHONPATH"] = f"{folder}{os.pathsep}{env['PYTHONPATH']}"
    done = subprocess.run(
        ["bash", "-c", typed],
        cwd=folder,
        env=env | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.stdout


def _write_program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
