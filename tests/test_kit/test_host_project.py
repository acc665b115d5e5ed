"""A shop of somebody else's uses the kit as pytest and unittest find it, and nothing of ours that is not public."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "tests" / "host_project"
SOURCES = sorted(SHOP.rglob("*.py"))
PACKAGE = "customer_registration"
PLUGIN = f"{PACKAGE}.testing.plugin"
# What a project may import: all else may change with any version.
API = (ROOT / "docs" / "reference" / "python-api.md").read_text(encoding="utf-8")
PUBLIC = set(re.findall(rf"^## ({PACKAGE}\..*)$", API, re.MULTILINE))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A copy, in a folder that knows nothing of this one."""
    folder = tmp_path_factory.mktemp("somewhere") / "host_project"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return folder


def run(folder, *command):
    """Run Python in a folder, with nothing of this suite's environment but where the package is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "PYTEST_", "DJANGO_"))}
    environment = {name: value for name, value in kept.items() if name not in ("DEBUG", "SECRET_KEY", "DATABASE_URL")}
    finished = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return finished.returncode, finished.stdout + finished.stderr


def written_in(folder, pattern):
    """Return how many tests stand in the files of a pattern."""
    return sum(len(re.findall(r"^ *def test_", path.read_text(), re.MULTILINE)) for path in folder.rglob(pattern))


def imported(path):
    """Return the modules that a file imports, a name from a package by its own."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, path
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_public(name):
    """Whether a project may import it: a public module, or what stands in one."""
    return name in PUBLIC or name.rpartition(".")[0] in PUBLIC


def test_the_package_declares_the_plugin():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert declared == {PACKAGE: PLUGIN}


def test_its_tests_pass_with_the_plugin_alone(shop):
    if not any(found.value == PLUGIN for found in entry_points(group="pytest11")):
        pytest.skip("installed before there was a plugin: pip install -e .")
    status, said = run(shop, "-m", "pytest", "-v", "-p", "no:cacheprovider")
    assert status == 0, said
    assert f"{written_in(shop, 'test_*.py') + written_in(shop, 'tests.py')} passed" in said
    assert "rootdir: " + str(shop.resolve()) in said


def test_those_of_unittest_pass_without_pytest(shop):
    blocked = "import sys; sys.modules['pytest'] = None; sys.argv = ['manage.py', 'test', 'shop']; "
    status, said = run(shop, "-c", f"{blocked}import runpy; runpy.run_path('manage.py', run_name='__main__')")
    assert status == 0, said
    assert f"Ran {written_in(shop, 'tests.py')} tests" in said


def test_it_is_a_project_without_a_fault(shop):
    for arguments in (["check", "--fail-level", "WARNING"], ["makemigrations", "--check", "--dry-run"]):
        status, said = run(shop, "manage.py", *arguments)
        assert status == 0, said


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SHOP)))
def test_it_imports_nothing_that_is_not_public(path):
    ours = {name for name in imported(path) if name.split(".")[0] in (PACKAGE, "tests", "example_project")}
    assert {name for name in ours if not is_public(name)} == set()


def test_such_an_import_would_be_found():
    assert is_public("customer_registration.testing.CustomerRegistrationTestMixin")
    assert is_public("customer_registration.models.Customer")
    assert not is_public("customer_registration.testing.outbox.Outbox")
    assert not is_public("customer_registration.flows.gates")
    assert not is_public("tests.conftest.api")


def test_what_it_names_in_its_settings_is_public_too():
    named = set(re.findall(rf'"({PACKAGE}\.[\w.]+)"', (SHOP / "shop" / "settings.py").read_text()))
    assert named
    assert {name for name in named if not is_public(name)} == set()
