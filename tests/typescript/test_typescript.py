"""A TypeScript client made from docs/openapi.yaml compiles, tells mistakes, and lives one story in the example shop."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live_shop import install_packages, migrated, open_shop, packages_of, run_node  # noqa: F401  # fixture

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "docs" / "openapi.yaml"
BUILD = HERE / "build"
SECONDS = 120

pytestmark = [
    pytest.mark.typescript,
    pytest.mark.skipif(os.environ.get("TEST_TYPESCRIPT") != "1", reason="set TEST_TYPESCRIPT=1 (needs node and npm)"),
]


def tool(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a tool of the packages."""
    command = ["node", str(HERE / "node_modules" / ".bin" / name), *arguments]
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def types(testrun_uid: str) -> Path:
    """Install the packages, make the types, and compile what there is."""
    install_packages(HERE, testrun_uid, "TEST_TYPESCRIPT=1")
    made = tool("openapi-typescript", str(SCHEMA), "--output", str(BUILD / "api.d.ts"))
    assert made.returncode == 0, made.stderr
    compiled = tool("tsc")
    assert compiled.returncode == 0, compiled.stdout
    return BUILD / "api.d.ts"


def test_the_lock_file_names_no_registry() -> None:
    packages = packages_of(HERE)
    assert packages["node_modules/openapi-typescript"]["version"] == "7.13.0"
    assert packages["node_modules/openapi-fetch"]["version"] == "0.17.0"


def test_the_types_and_the_story_compile_and_no_mistake_does(types: Path) -> None:
    text = types.read_text()
    assert text.count(": operations[") >= 42
    assert (BUILD / "js" / "mistakes.js").exists()


def test_a_mistake_is_an_error_of_the_compiler(types: Path) -> None:
    unmarked = BUILD / "mistakes.ts"
    text = (HERE / "mistakes.ts").read_text().replace("./build/api.js", "./api.js")
    marks = text.count("// @ts-expect-error")
    unmarked.write_text(text.replace("// @ts-expect-error", "//"))
    options = (
        "--strict",
        "--noEmit",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--types",
        "node",
        "--skipLibCheck",
    )
    done = tool("tsc", *options, str(unmarked))
    unmarked.unlink()
    lines = {line.partition("(")[2].partition(",")[0] for line in done.stdout.splitlines() if "error TS" in line}
    assert len(lines) == marks >= 10, done.stdout


def test_the_story_is_lived(types: Path, migrated: Path, tmp_path: Path) -> None:  # noqa: F811
    with open_shop({}, migrated, tmp_path) as (url, log):
        if failed := run_node(HERE, ("build/js/story.test.js",), {"BASE_URL": url}, seconds=SECONDS, options=()):
            pytest.fail(f"{failed}; the shop said:\n{log.read_text()}", pytrace=False)
    assert "Traceback" not in log.read_text(), log.read_text()
    sys.stdout.write(f"{url}\n")
