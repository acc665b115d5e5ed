"""Run Python in the reader's project, on top of what the page has run before."""

from tests.docs.pages import Block
from tests.docs.stories import Story


def run(block: Block, story: Story) -> None:
    """Run a block."""
    theatre = story.theatre if "input(" in block.source or "visitor" in block.source else story.house.theatre
    story.interpreter.run(block.source, path=block.path, line=block.line, url=theatre.url)
