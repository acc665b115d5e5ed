"""Read the lines of a crontab: five fields of time, and a command that parses."""

import re
import shlex

from tests.docs.pages import Block
from tests.docs.runners.commands import parse
from tests.docs.stories import Story

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def run(block: Block, story: Story) -> None:
    """Read every line."""
    lines = [line for line in block.source.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        *times, command = line.split(None, 5)
        assert len(times) == 5, line
        for field, (least, most) in zip(times, BOUNDS, strict=True):
            assert re.fullmatch(r"(\*|\d+(-\d+)?)(,(\d+(-\d+)?))*(/\d+)?", field), f"{field!r} is no time: {line}"
            assert all(least <= int(number) <= most for number in re.findall(r"(?<!/)\b\d+", field)), line
        words = shlex.split(command)
        while words and words[0] != "manage.py":
            words.pop(0)
        assert words, f"no manage.py in {line}"
        parse(words[1:])
