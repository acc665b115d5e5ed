"""Compile TypeScript against the types that are made of docs/openapi.yaml."""

import os

import pytest

from tests.docs.pages import Block
from tests.docs.stories import Story
from tests.live_shop import install_packages
from tests.typescript.test_typescript import HERE, SCHEMA, tool

STRICT = ("--strict", "--noEmit", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--types", "node")


def run(block: Block, story: Story) -> None:
    """With TEST_TYPESCRIPT=1 compile a block as a file beside the types."""
    if os.environ.get("TEST_TYPESCRIPT") != "1":
        pytest.skip("set TEST_TYPESCRIPT=1 (needs node and npm)")
    install_packages(HERE, os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())), "TEST_TYPESCRIPT=1")
    folder = HERE / "build" / story.folder.name
    folder.mkdir(parents=True, exist_ok=True)
    made = tool("openapi-typescript", str(SCHEMA), "--output", str(folder / "api.d.ts"))
    assert made.returncode == 0, made.stderr
    file = folder / f"block{block.line}.ts"
    file.write_text(block.source, encoding="utf-8")
    done = tool("tsc", *STRICT, str(file))
    assert done.returncode == 0, done.stdout
