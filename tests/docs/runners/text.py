"""Compare drawings and lists in words with what they speak of: each has a check here."""

import re
import tomllib
from collections.abc import Callable
from itertools import pairwise

from tests.docs.pages import ROOT, Block
from tests.docs.stories import Story


def run(block: Block, story: Story) -> None:
    """Check a drawing by the first word in it."""
    first = block.source.split(None, 1)[0]
    assert first in CHECKS, f"nothing checks what begins with {first!r}"
    CHECKS[first](block.source, story)


def _layers(source: str, story: Story) -> None:
    """Compare the layers with those of import-linter."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    real = [set(re.findall(r"\w+", layer)) for layer in contracts[0]["layers"]]
    shown: list[set[str]] = []
    for line in source.splitlines():
        names = set(line[11:].partition("   ")[0].split())
        if line.startswith(" "):
            shown[-1] |= names
        else:
            shown.append(names)
    package = ROOT / "customer_registration"
    real = [{name for name in layer if list(package.glob(f"{name}*"))} for layer in real]
    in_rows = [[module for module in layer if any(module in row for row in shown)] for layer in real]
    assert sum(map(len, in_rows)) == sum(map(len, real)), f"not shown: {[real, shown]}"
    places = [[next(i for i, row in enumerate(shown) if module in row) for module in layer] for layer in in_rows]
    assert all(max(above) <= min(below) for above, below in pairwise(places)), places


def _requests(source: str, story: Story) -> None:
    """Find a route for each line of a server's log."""
    lines = [re.fullmatch(r'"([A-Z]+) (/[^ ?]*)(\?[^ ]*)? HTTP/1.1" \d{3}', line) for line in source.splitlines()]
    assert all(lines), source
    paths = [line[2] for line in lines if line]
    story.interpreter.run(f"from django.urls import resolve\nfor path in {paths!r}:\n    assert resolve(path), path\n")


CHECKS: dict[str, Callable[[str, Story], None]] = {"doors": _layers, '"POST': _requests}
