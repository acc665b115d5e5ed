"""The README leads to everything that is written, by way of the index, and none of its roads ends nowhere."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "README.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"!?\[[^]]*]\(([^)\s]+)\)|<(?:img|source) [^>]*src(?:set)?=\"([^\"]+)\"")


def links(page):
    """Return the links of a page to files and headings, as paths and anchors, without those to other sites."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = ("".join(each) for each in LINK.findall(text))
    parted = (link.partition("#") for link in found if not re.match(r"https?:|mailto:", link))
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in parted]


@cache
def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        twins = sum(re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", other) is not None for other in found)
        found.add(f"{anchor}-{twins}" if twins else anchor)
    return found


def test_the_readme_leads_to_the_index():
    assert (INDEX, "") in links(ROOT / "README.md")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != INDEX], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_index_lists_every_page(page):
    assert page in {path for path, _ in links(INDEX)}


def test_a_line_of_the_index_is_a_page():
    lines = re.findall(r"^- .*", INDEX.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == len(PAGES) - 1
    assert all(re.match(r"- \[[^]]+]\([^)]+\): .", line) for line in lines), lines


def test_the_readme_shows_pictures():
    shown = {path for path, _ in links(ROOT / "README.md") if path.parent == ROOT / "docs" / "images"}
    assert len(shown) >= 2


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *PAGES], ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_ends_nowhere(page):
    missing = [f"{path}#{anchor}" for path, anchor in links(page) if not path.exists()]
    assert missing == []


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *PAGES], ids=lambda page: str(page.relative_to(ROOT)))
def test_no_anchor_is_missing(page):
    missing = [f"{path.name}#{anchor}" for path, anchor in links(page) if anchor and anchor not in anchors(path)]
    assert missing == []
