"""``docs/tutorial.md``, walked from its first line to its last."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_browser import CHROMIUM
from tests.live_shop import ROOT, install_packages, run_node
from tests.tutorial.walk import Block, Walk, blocks_of

PAGE = ROOT / "docs" / "tutorial.md"
BLOCKS = blocks_of(PAGE)
BROWSER = ROOT / "tests" / "browser"
NODE_SECONDS = 120


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    """A folder that is empty, and somebody who reads the page in it."""
    folder, home = tmp_path / "tea", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    walking = Walk(folder, home)
    yield walking
    walking.close()


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="the tutorial is typed: bash and curl")
def test_every_step_of_the_tutorial_works(walk: Walk) -> None:
    for block in BLOCKS:
        walk.do(block)


def test_the_tutorial_leaves_no_file_to_the_reader() -> None:
    written = {block.path for block in BLOCKS if block.language in ("python", "html")}
    assert None not in written
    assert written == set(re.findall(r"`((?:shop|orders)/[\w/]+\.\w+)`", PAGE.read_text()))


@pytest.mark.browser
@pytest.mark.skipif(os.environ.get("TEST_BROWSER") != "1", reason="set TEST_BROWSER=1 (needs node, npm, chromium)")
def test_the_page_of_the_tutorial_works_in_a_browser(walk: Walk, testrun_uid: str, tmp_path: Path) -> None:
    install_packages(BROWSER, testrun_uid, "TEST_BROWSER=1")
    assert shutil.which(CHROMIUM)
    page = next(index for index, block in enumerate(BLOCKS) if block.language == "html")
    for block in BLOCKS[: page + 1]:
        walk.do(block)
    walk.do(Block("console", "$ curl localhost:8000/orders\n…\n"))  # by a server that has read the page
    told = {"SHOPS": json.dumps({"tea": f"http://localhost:{walk.port}"}), "CHROMIUM_PATH": CHROMIUM}
    told["LOG"] = str(walk.log)
    failed = run_node(BROWSER, ("tutorial.mjs",), told, seconds=NODE_SECONDS, options=())
    assert not failed, failed
