"""Run the Python examples of the documentation."""

import re
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.shop import models as shop_models


def run_example(monkeypatch: pytest.MonkeyPatch, page: str, path: str, **stubs: dict[str, Any]) -> ModuleType:
    """Import an example of a page by its path, in a project ``shop`` whose tables are those of ``tests.shop``.

    Args:
        monkeypatch: of the test.
        page: the page's text.
        path: as the example's first line names it.
        stubs: modules of ``shop`` that the example imports, and what is in them.
    """
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    source = next(block for block in blocks if re.search(rf"# {re.escape(path)}\b", block))
    module = ModuleType(path.removesuffix(".py").replace("/", "."))
    monkeypatch.setitem(sys.modules, "shop", ModuleType("shop"))
    monkeypatch.setitem(sys.modules, "shop.models", shop_models)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for name, content in stubs.items():
        monkeypatch.setitem(sys.modules, f"shop.{name}", ModuleType(f"shop.{name}"))
        vars(sys.modules[f"shop.{name}"]).update(content)
    exec(source, module.__dict__)
    return module


def table(page: str, header: str) -> list[list[str]]:
    """Return the rows below every occurrence of a header, as lists of cells.

    Args:
        page: the page's text.
        header: the whole line.
    """
    found = []
    for below in page.split(f"\n{header}\n")[1:]:
        for line in below.splitlines()[1:]:
            if not line.startswith("|"):
                break
            found.append(re.split(r" *(?<!\\)\| *", line.strip())[1:-1])
    assert found, header
    return found
