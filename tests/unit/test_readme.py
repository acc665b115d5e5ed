"""The README leads to everything that is written, and none of its roads ends nowhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
LINK = re.compile(r"!?\[[^]]*]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")


def links(text):
    """Return the paths that a page links to or shows, without those on other sites."""
    found = ("".join(each) for each in LINK.findall(text))
    return [link.partition("#")[0] for link in found if not re.match(r"https?:|mailto:|#", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_readme_links_to_every_page_of_the_docs(page):
    assert f"docs/{page.name}" in links(README)


def test_the_readme_shows_pictures():
    shown = {link for link in links(README) if link.startswith("docs/images/")}
    assert len(shown) >= 2


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_no_link_ends_nowhere(page):
    missing = [link for link in links(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert missing == []
