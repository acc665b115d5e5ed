"""Whatever is wrong with a block is found."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import Block, read
from tests.docs.runners import RUNNERS
from tests.docs.stories import House

PAGE = read(Path(__file__).with_name("broken.md"))


def test_every_language_has_a_block_that_fails() -> None:
    assert {block.language for block in PAGE.blocks} == set(RUNNERS)


@pytest.mark.parametrize("block", PAGE.blocks, ids=lambda block: f"{block.language}-{block.line}")
def test_a_broken_block_fails(house: House, block: Block) -> None:
    assert block.about, "the fence says after its label what is found"
    with pytest.raises(Exception, match=re.escape(block.about)):  # a skip is no Exception
        house.tell(PAGE, RUNNERS).run(block)
