"""Load the settings that a page shows into the project, and check it.

``...`` in a list stands for the rest of what is there: in ``["customer_registration", ...]`` for the other apps of the
example project, in its order.
"""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import global_settings, settings
from django.core import checks
from django.test import override_settings

from example_project.settings import merged

# These are read once, when a project starts.
AT_START = {"AUTH_USER_MODEL", "INSTALLED_APPS", "MIDDLEWARE", "DATABASES", "TEMPLATES", "ROOT_URLCONF", "LOGGING"}
READERS = ("customer_registration", "example_project", "corsheaders", "phonenumber_field", "drf_spectacular", "unfold")


def is_settings(tree: ast.Module) -> bool:
    """Whether a block assigns nothing but settings."""
    imports = (ast.Import, ast.ImportFrom)
    others = [node for node in tree.body if not isinstance(node, imports)]
    return bool(others) and all(map(_is_setting, others))


def _is_setting(node: ast.stmt) -> bool:
    if isinstance(node, ast.AugAssign):
        targets = [node.target]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    else:
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    roots = [target.value if isinstance(target, ast.Subscript) else target for target in targets]
    return all(isinstance(root, ast.Name) and re.fullmatch(r"[A-Z][A-Z0-9_]+", root.id) for root in roots)


def load(source: str, before: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a block, over those that are there."""
    names = dict(before)
    exec(source, names)
    found = {name: value for name, value in names.items() if name.isupper() and value is not before.get(name)}
    for name, value in found.items():
        if name == "CUSTOMER_REGISTRATION":
            found[name] = merged(before[name], value)
        elif isinstance(value, list | tuple):
            found[name] = _with_the_rest(list(value), list(before.get(name) or ()))
    return found


def _with_the_rest(shown: list[Any], there: list[Any]) -> list[Any]:
    """Put the rest of a list in the place of its ellipses."""
    rest = [each for each in there if each not in shown]
    if ... not in shown:
        return shown
    first = next((each for each in shown if each in there), None)
    before = [each for each in rest if first in there and there.index(each) < there.index(first)]
    if shown.count(...) == 1:
        before = rest
    result: list[Any] = []
    for each in shown:
        if each is ...:
            result += before
            before = [other for other in rest if other not in before]
        else:
            result.append(each)
    return result


def check(source: str, names: dict[str, Any]) -> None:
    """Check the project with the settings of a block, which stay for the rest of the page.

    Raises:
        AssertionError: a check finds an error that was not there, or nobody reads a setting of that name.
    """
    there = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    found = load(source, {**names, **there})
    unknown = [name for name in found if not _is_read(name)]
    assert not unknown, f"nobody reads {', '.join(unknown)}"
    if AT_START & set(found):
        _start_anew(source)
    else:
        chosen = override_settings(**found)
        chosen.enable()
        errors = [each for each in checks.run_checks() if each.level >= checks.ERROR]
        if errors:
            chosen.disable()
        assert not errors, "\n".join(map(str, errors))
    names |= found


def _start_anew(source: str) -> None:
    """Check a project of its own, since what is in the block is read at the start."""
    folder = Path.cwd()
    write_module(folder, source)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "anew", "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def write_module(folder: Path, source: str) -> None:
    """Write the settings module ``anew`` of a project: what a page shows over what is there."""
    (folder / "shown.py").write_text(source, encoding="utf-8")
    (folder / "anew.py").write_text(
        "from pathlib import Path\n"
        "from tests.docs.stage.settings import *\n"
        "from tests.docs.settings_blocks import load\n"
        "globals().update(load(Path('shown.py').read_text(), dict(globals())))\n"
    )


def _is_read(name: str) -> bool:
    """Whether Django, or a package of the project, knows a setting of this name."""
    return hasattr(global_settings, name) or name.startswith("CELERY_") or name in _words() or name.startswith("ACME_")


@cache
def _words() -> set[str]:
    words: set[str] = set()
    for package in READERS:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            for file in Path(place).rglob("*.py"):
                words.update(re.findall(r"\b[A-Z][A-Z0-9_]{2,}\b", file.read_text(encoding="utf-8")))
    return words
