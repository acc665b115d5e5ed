"""Tell a page from its first block on: what one block makes is there for the next."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest

from tests.docs.pages import Block, Page, Remark
from tests.docs.remarks import REMARKS
from tests.docs.shapes import Memory
from tests.docs.shells import type_in
from tests.docs.stage.interpreters import Interpreter
from tests.docs.stage.theatre import PROJECT, Theatre, open_interpreter, open_theatre


class House:
    """What all stories of a run share: one shop, one interpreter, each started when the first block asks."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self.closing = closing
        self.story: Story | None = None
        self.databases: dict[str, str] = {}

    @cached_property
    def theatre(self) -> Theatre:
        """The shop."""
        return self.closing.enter_context(open_theatre(self.folder))

    @cached_property
    def socket(self) -> Path:
        """Where the interpreter listens; short, for the path of a socket may have no more than 100 characters."""
        socket = Path(tempfile.mkdtemp(prefix="docs")) / "python"
        self.closing.enter_context(open_interpreter(self.folder, socket, self.theatre))
        return socket

    def database(self, url: str, make: Callable[[str, dict[str, str]], AbstractContextManager[str]]) -> str:
        """Return the URL of a database on a server, made when it is first asked for."""
        if url not in self.databases:
            self.databases[url] = self.closing.enter_context(make(url, self.theatre.environment()))
        return self.databases[url]

    def tell(self, page: Page, runners: Mapping[str, "Runner"]) -> "Story":
        """Return the story of a page: the one under way, or a new one."""
        if self.story is None or self.story.page != page:
            if self.story:
                self.story.close()
            folder = self.folder / "stories" / page.path.replace("/", "-")
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(PROJECT, folder)
            self.story = Story(self, page, folder, runners)
        return self.story


@dataclass
class Story:
    """A page as it is told.

    Args:
        house: what it shares with others.
        page: whose blocks are run.
        folder: the project of whoever reads the page.
        runners: by language.
    """

    house: House
    page: Page
    folder: Path
    runners: Mapping[str, "Runner"]
    outcomes: list[BaseException | None] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    fresh_tokens: list[str] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    has_begun: bool = False
    has_own_project: bool = False
    closing: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """Write the files that blocks of the page name."""
        files: dict[str, str] = {}
        for block in self.page.blocks:
            if block.path and "/" in block.path and block.language in FILES:
                files[block.path] = files.get(block.path, "") + block.source
        for path, source in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(source, encoding="utf-8")
            if file.suffix == ".py" and file.parent.name != "tests":  # which would hide the suite's own package
                (file.parent / "__init__.py").touch()

    def run(self, block: Block) -> None:
        """Run a block, and before it those that were not run yet; raise what was wrong with this one."""
        index = self.page.blocks.index(block)
        for each in self.page.blocks[len(self.outcomes) : index + 1]:
            self.outcomes.append(self._outcome(each))
        outcome = self.outcomes[index]
        if outcome is not None:
            raise outcome

    @property
    def theatre(self) -> Theatre:
        """The shop, which is empty at first."""
        if not self.has_begun:
            self.begin({})
        return self.house.theatre

    @cached_property
    def interpreter(self) -> Interpreter:
        """Python in the reader's project."""
        return self.closing.enter_context(Interpreter(self.house.socket, self.folder))

    def begin(self, options: dict[str, object]) -> None:
        """Begin anew with an empty shop."""
        self.house.theatre.begin(options)
        self.has_begun = True
        self.variables.clear()
        self.fresh_tokens.clear()
        self.memory.real.clear()

    def type_in(self, typed: str) -> str:
        """Run a command of a shell, and return what it wrote."""
        return type_in(self.theatre, self.folder, typed, self.variables)

    def close(self) -> None:
        """End what was started for it."""
        self.closing.close()

    def _outcome(self, block: Block) -> BaseException | None:
        if block.excuse:
            return None
        try:
            for remark in block.remarks:
                self._heed(remark)
            self.runners[block.language](block, self)
        except (Exception, pytest.skip.Exception) as error:  # whatever it is, it is this block's
            return error
        return None

    def _heed(self, remark: Remark) -> None:
        if remark.name not in REMARKS:
            raise ValueError(f"{self.page.path}: nobody knows the remark {remark.name!r}")
        REMARKS[remark.name](self, remark.text)


Runner = Callable[[Block, Story], None]
FILES = {"python", "html", "django", "text"}


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """Let stories be told; end at the end what they have started."""
    with ExitStack() as closing:
        house = House(folder, closing)
        yield house
        if house.story:
            house.story.close()
