"""Read the fenced blocks of every Markdown page, and the remarks before them that only this suite sees."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
REMARK = re.compile(r"<!--\s*docs:\s*(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Remark:
    """An instruction of a page to this suite: its first word, and what follows."""

    name: str
    text: str


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        page: the path of its page, from the root.
        line: of its opening fence.
        language: the fence's label, ``""`` where it has none.
        source: what is in it.
        remarks: what stands before it for this suite.
        about: what the fence says after the label.
    """

    page: str
    line: int
    language: str
    source: str
    remarks: tuple[Remark, ...] = ()
    about: str = ""

    @property
    def name(self) -> str:
        """Where it is, as editors take it."""
        return f"{self.page}:{self.line}"

    @property
    def path(self) -> str | None:
        """The file that its first line names in a comment: ``# shop/actors.py``."""
        first = self.source.partition("\n")[0]
        found = re.match(r"(?:#|//|--|;|\{#|<!--)\s*([\w.-]+(?:/[\w.-]+)*\.\w+)\b", first)
        return found[1] if found else None

    @property
    def excuse(self) -> str | None:
        """Why it is not run."""
        return next((remark.text for remark in self.remarks if remark.name == "excused"), None)


@dataclass(frozen=True)
class Page:
    """A Markdown page."""

    path: str
    blocks: tuple[Block, ...] = field(repr=False)


def read(path: Path, root: Path = ROOT) -> Page:
    """Read a page; fenced blocks count, and so do indented ones, which have no label."""
    name = path.relative_to(root).as_posix()
    blocks: list[Block] = []
    remarks: list[Remark] = []
    for token in MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8")):
        if token.type == "html_block":
            remarks += [remark for text in REMARK.findall(token.content) for remark in _remarks(text)]
        elif token.type in ("fence", "code_block"):
            line = token.map[0] + 1 if token.map else 0
            label, _, about = token.info.partition(" ")
            blocks.append(Block(name, line, label, token.content, tuple(remarks), about))
            remarks = []
    if remarks:
        raise ValueError(f"{name}: no block follows {remarks[0]}")
    return Page(name, tuple(blocks))


def _remarks(text: str) -> list[Remark]:
    """Split a comment, of which each line is a remark, but for code, which takes all of it."""
    if text.startswith("python\n"):
        return [Remark("python", text.partition("\n")[2])]
    split = (line.strip().partition(" ") for line in text.splitlines())
    return [Remark(name.removesuffix(":"), rest.strip()) for name, _, rest in split]


def all_pages() -> list[Page]:
    """Return every page of the project that is written for readers."""
    return [read(path) for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))]
