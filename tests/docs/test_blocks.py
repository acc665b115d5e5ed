"""Every block of every page runs."""

import re

import pytest

from tests.docs.pages import Block, Page, all_pages
from tests.docs.runners import RUNNERS
from tests.docs.stories import House
from tests.medusa.test_docs import PAGE as MEDUSA
from tests.test_kit import test_docs
from tests.tutorial import test_tutorial

PAGES = all_pages()
SERVICES = {"js", "nginx", "sql", "ts"}, {"needs", "redis"}  # languages and remarks of what Python alone cannot run


def needs_a_service(block: Block) -> bool:
    """Whether a block is skipped where there is nothing but Python."""
    languages, remarks = SERVICES
    return block.language in languages or any(remark.name in remarks for remark in block.remarks)


BLOCKS = [
    pytest.param(
        page, block, id=block.name, marks=[] if any(map(needs_a_service, page.blocks)) else pytest.mark.standalone
    )
    for page in PAGES
    for block in page.blocks
]
# What a test of its own does, in a project that it makes.
WALKED = {("docs/tutorial.md", block.language, block.source) for block in test_tutorial.BLOCKS} | {
    ("docs/testing.md", "python", f"# {path}\n{source}") for path, source in test_docs.FILE.findall(test_docs.PAGE)
}
WALKED |= {
    ("docs/how-to/import-from-medusa.md", "text", source) for source in re.findall(r"```text\n(.*?)```", MEDUSA, re.S)
}


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_block(house: House, page: Page, block: Block) -> None:
    assert block.language, "a fence needs the name of its language"
    assert block.language in RUNNERS, f"nothing runs {block.language}: write a runner, or take another label"
    if (page.path, block.language, block.source) in WALKED:
        return
    failed = ""
    try:
        house.tell(page, RUNNERS).run(block)
    except AssertionError as error:
        failed = str(error)
    if failed:
        pytest.fail(f"{block.name}: {failed}", pytrace=False)
