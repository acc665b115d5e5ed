"""Run Python in the reader's project, on top of what the page has run before."""

import re

from tests.docs.pages import Block
from tests.docs.stage.theatre import SETTINGS
from tests.docs.stories import Story

IS_A_TEST = re.compile(r"(.*/)?(test_\w+|tests)\.py")


def run(block: Block, story: Story) -> None:
    """Run a block; tests are run by pytest."""
    if IS_A_TEST.fullmatch(block.path or ""):
        command = f"python -m pytest -q -p no:cacheprovider --import-mode=importlib --ds={SETTINGS} {block.path}"
        answer = story.type_in(f"DATABASE_URL=sqlite://:memory: {command}")
        assert re.search(r"^\d+ passed in", answer, re.MULTILINE), answer
        return
    theatre = story.theatre if "input(" in block.source or "visitor" in block.source else story.house.theatre
    story.interpreter.run(block.source, path=block.path, line=block.line, url=theatre.url)
