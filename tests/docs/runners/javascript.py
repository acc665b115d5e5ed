"""Run JavaScript in node with the real SDK against the shop, each block in a process of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import Block
from tests.docs.stories import Story
from tests.live_shop import install_packages

HERE = Path(__file__).parent
SDK = HERE.parents[1] / "js_sdk"
SECONDS = 60


def run(block: Block, story: Story) -> None:
    """Let node parse a block, and with TEST_JS_SDK=1 run it."""
    if not shutil.which("node"):
        pytest.skip("put node on the PATH")
    file = story.folder / f"block{block.line}.mjs"
    file.write_text(block.source, encoding="utf-8")
    done = subprocess.run(["node", "--check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if any(remark.name == "parsed" for remark in block.remarks):
        return
    if os.environ.get("TEST_JS_SDK") != "1":
        pytest.skip("set TEST_JS_SDK=1 (needs node and npm)")
    install_packages(SDK, os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())), "TEST_JS_SDK=1")
    told = {
        "BASE_URL": story.theatre.url,
        "SDK": str(SDK / "package.json"),
        "BLOCK": str(file),
        "NAMES": json.dumps({"LOGIN": "", **story.variables}),
    }
    done = subprocess.run(
        ["node", HERE / "run_block.mjs"],
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
