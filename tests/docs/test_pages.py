"""What the pages may ask of this suite."""

from collections import Counter
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, all_pages, read
from tests.docs.runners.shell import LEGS

PAGES = all_pages()
# How many blocks of a page are not run; each says why. There are few, and no more.
EXCUSED = {
    "docs/how-to/deploy.md": 1,
    "docs/how-to/own-sms-gateway.md": 4,
}


def test_hardly_a_block_is_excused() -> None:
    excuses = {block.name: block.excuse for page in PAGES for block in page.blocks if block.excuse is not None}
    assert all(excuses.values()), "an excuse is a reason"
    assert Counter(name.partition(":")[0] for name in excuses) == EXCUSED, excuses


def test_there_are_blocks_on_many_pages() -> None:
    assert sum(len(page.blocks) for page in PAGES) >= 120
    assert {"README.md", "CONTRIBUTING.md"} < {page.path for page in PAGES}


@pytest.mark.parametrize("line", LEGS)
def test_a_leg_runs_the_command_that_this_suite_does_not(line: str) -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    commands = [each.source.strip() for page in PAGES if page.path == "README.md" for each in page.blocks]
    assert line in commands
    assert f"'{line}'" in ci
    leg = LEGS[line]
    assert f"\n{leg}() {{" in ci
    assert any(line.startswith("side_by_side") and leg in line for line in ci.splitlines())


def test_a_remark_without_a_block_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("<!-- docs: later 8 days -->\n\nNothing follows.\n")
    with pytest.raises(ValueError, match="no block follows"):
        read(tmp_path / "page.md", tmp_path)


def test_blocks_are_found_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(
        "- in a list\n\n  ```sh\n  pytest\n  ```\n\n> ```sql\n> SELECT 1\n> ```\n\n    indented\n\n~~~js\n1\n~~~\n"
    )
    blocks = read(tmp_path / "page.md", tmp_path).blocks
    assert [(block.language, block.line) for block in blocks] == [("sh", 3), ("sql", 7), ("", 11), ("js", 13)]
