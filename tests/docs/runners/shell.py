"""Run shell blocks; what a leg of ``.ci/run`` runs, what installs and what would never end is looked up."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

from tests.docs.pages import ROOT, Block
from tests.docs.runners.commands import parse
from tests.docs.stories import Story

# Commands of the README that a leg runs word by word, and the leg.
LEGS = {
    'pip install -e ".[demo]" && python manage.py demo': "the_demo_command_of_the_README",
    'pip install -e ".[test]" && pytest': "the_install_command_of_the_README",
}

SERVERS = ("demo", "runserver")  # never end


def run(block: Block, story: Story) -> None:
    """Run each line of a block, or look up what it names; where it is only to be read, look up everything."""
    is_read = any(remark.name == "parsed" for remark in block.remarks)
    for line in lines_of(block.source):
        if line not in LEGS:
            for command in re.split(r"\s+&&\s+", line):
                run_command(command, story, is_read=is_read)


def lines_of(source: str) -> list[str]:
    """Return the lines without comments, those that go on joined."""
    joined = source.replace("\\\n", " ")
    return [line for each in joined.splitlines() if (line := re.sub(r"(^|\s+)#\s.*$", "", each).strip())]


def run_command(command: str, story: Story, *, is_read: bool = False) -> None:
    """Run a command, or look up what it names."""
    words = shlex.split(command)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    if words[:1] == ["nice"]:
        words = words[3:]
    if is_read and words[:2] == ["python", "manage.py"]:
        parse(words[2:])
        return
    assert words[0] in PROGRAMS, f"nothing runs {words[0]}: teach it to {Path(__file__).name}"
    PROGRAMS[words[0]](words, command, story)


def _python(words: list[str], command: str, story: Story) -> None:
    if words[1] == "manage.py":
        parse(words[2:])
        if words[2] in SERVERS:
            return
        assert not (failed := _really(command, story)), failed
    elif words[1] == "-m" and words[2].startswith("tests.benchmarks."):
        assert find_spec(words[2]), command
    elif words[1:3] == ["-m", "tests.benchmarks"]:
        done = subprocess.run(
            [sys.executable, *words[1:3], "--help"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for option in (word for word in words[3:] if word.startswith("--")):
            assert option in done.stdout, f"{words[2]} has no {option}"
    elif words[1] == "-m":
        assert words[2] in ("venv", "pip"), command
    else:
        assert (ROOT / words[1]).is_file(), f"there is no {words[1]}"


def _really(command: str, story: Story) -> str:
    """Run it in bash; return what it wrote, if it failed."""
    output = story.type_in(f"{command} || echo FAILED")
    return output if output.rstrip().endswith("FAILED") else ""


def _pip(words: list[str], command: str, story: Story) -> None:
    """Look up the extras of our package; other packages are other people's."""
    assert words[1] == "install", command
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [word for word in words[2:] if not word.startswith("-")]
    assert wanted, command
    for word in wanted:
        requirement = Requirement(re.sub(r"^\.", project["name"], word))
        if requirement.name == project["name"]:
            unknown = requirement.extras - set(project["optional-dependencies"])
            assert not unknown, f"there is no extra {', '.join(unknown)}"


def _pytest(words: list[str], command: str, story: Story) -> None:
    """Collect what it names."""
    if words[1:]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *words[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def _celery(words: list[str], command: str, story: Story) -> None:
    """Parse its options."""
    done = _really(f"{sys.executable} -m {' '.join(words)} --help >/dev/null", story)
    assert not done, done


def _gunicorn(words: list[str], command: str, story: Story) -> None:
    """Let it read its options and our configuration file."""
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _npm(words: list[str], command: str, story: Story) -> None:
    """Look up the packages, and the tool of one, that the suite makes a TypeScript client with, in their versions."""
    stated = json.loads((ROOT / "tests" / "typescript" / "package.json").read_text())
    used = stated["dependencies"] | stated["devDependencies"]
    if words[1] == "run":
        return
    named = [word for word in words[1:] if not word.startswith("-") and word != "install"]
    for package in named[:1] if words[0] == "npx" else named:
        name, _, version = package.partition("@")
        assert name in used, f"the suite does not use {name}"
        assert used[name].startswith(version), f"the suite uses {name} {used[name]}"


def _file(words: list[str], command: str, story: Story) -> None:
    """Find the file that it opens."""
    assert (ROOT / words[-1]).exists(), f"there is no {words[-1]}"


def _known(words: list[str], command: str, story: Story) -> None:
    """Leave it to whoever reads: it is another's program, and prepares their machine."""


PROGRAMS: dict[str, Callable[[list[str], str, Story], None]] = {
    "python": _python,
    "python3.11": _python,
    "pip": _pip,
    "pytest": _pytest,
    "celery": _celery,
    "npm": _npm,
    "npx": _npm,
    "gunicorn": _gunicorn,
    "$EDITOR": _file,
    ".": _known,
    "cd": _known,
    "export": _known,
    "mkdir": _known,
    "psql": _known,
    "apt-get": _known,
    "pre-commit": _known,
}
