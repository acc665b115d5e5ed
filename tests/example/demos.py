"""Run ``manage.py demo`` as a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


def command(*options: str) -> list[str]:
    return [sys.executable, "manage.py", "demo", "--port", "0", *options]


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """Return the environment of somebody who has set nothing but a database, and ``changes``."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return {**inherited, "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}", "PYTHONUTF8": "1", **changes}


def run_demo(folder: Path, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run the demo to its end."""
    return subprocess.run(
        command("--exit"),
        cwd=ROOT,
        env=environment(folder, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def modes_told(run: "subprocess.CompletedProcess[str]") -> tuple[str, ...]:
    return tuple(re.findall(r"^REGISTRATION\.IDENTIFIER = (\w+)$", run.stdout, re.MULTILINE))


def part(run: "subprocess.CompletedProcess[str]", mode: str) -> str:
    """Return what was told in a mode."""
    found = re.search(rf"^REGISTRATION\.IDENTIFIER = {mode}\n((?:.+\n)+)", run.stdout, re.MULTILINE)
    assert found, run.stdout
    return found[1]
