"""Render templates as the messages that they are for do."""

from tests.docs.pages import Block
from tests.docs.stories import Story


def run(block: Block, story: Story) -> None:
    """Render the template that a block is, with what the documentation says it sees."""
    assert (block.path or "").startswith("templates/"), "its first line names it: {# templates/… #}"
    path = str(block.path).removeprefix("templates/")
    story.interpreter.run(f"from tests.docs.rendering import render\nrender({path!r})\n")
