"""Run Python in the reader's project, on top of what the page has run before."""

import ast
import re

from tests.docs import settings_blocks
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
    if story.has_own_project:
        _run_anew(block, story)
        return
    theatre = story.theatre if "input(" in block.source or "visitor" in block.source else story.house.theatre
    story.interpreter.run(block.source, path=block.path, line=block.line, url=theatre.url)


def _run_anew(block: Block, story: Story) -> None:
    """Run a block in a process of its own, by the settings that the page shows."""
    (story.folder / "block.py").write_text(block.source, encoding="utf-8")
    command = 'python manage.py shell -v 0 -c "$(cat block.py)"'
    if settings_blocks.is_settings(ast.parse(block.source)):
        command = "python manage.py check"
    elif block.path:
        command = f"python manage.py shell -v 0 -c 'import {block.path.removesuffix('.py').replace('/', '.')}'"
    answer = story.type_in(f"{command} || echo FAILED")
    assert not answer.rstrip().endswith("FAILED"), answer
