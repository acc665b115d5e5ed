"""Run what a page types at a prompt, in bash, and compare what is answered with what the page shows."""

import os
import re
import shutil
from dataclasses import dataclass

import pytest

from tests.docs.pages import Block
from tests.docs.shapes import compare
from tests.docs.stories import Story

TOKEN = re.compile(r'"token":\s*"([^"]+)"|[?&]token=([^\s"\\&]+)')
VARIABLE = re.compile(r"\$\{?([A-Z]{3,})\b")


@dataclass
class Command:
    """What is typed, and what the page shows below it."""

    typed: str
    shown: str


def run(block: Block, story: Story) -> None:
    """Type each command of a block, and compare its answer."""
    for program in ("bash", "curl"):
        if not shutil.which(program):
            pytest.skip(f"put {program} on the PATH")
    commands = list(commands_of(block.source))
    assert commands, "a line of a console begins with a prompt: $ "
    for command in commands:
        typed = story.memory.put_into(command.typed).replace("https://shop.example.com", "http://localhost:8000")
        _fill_in(story, typed)
        answer = story.type_in(typed)
        compare(command.shown, answer, story.memory)
        story.fresh_tokens += [found[1] or found[2] for found in TOKEN.finditer(answer)][:1]


def commands_of(source: str) -> list[Command]:
    """Split a block into its commands; a line that ends in a backslash goes on."""
    commands: list[Command] = []
    is_typing = False
    for line in source.splitlines(keepends=True):
        if line.startswith("$ "):
            commands.append(Command(line[2:], ""))
            is_typing = True
        elif is_typing:
            commands[-1].typed += line
        elif commands:
            commands[-1].shown += line
        else:
            raise AssertionError(f"nothing was typed before {line!r}")
        is_typing = is_typing and line.rstrip("\n").endswith("\\")
    return commands


def _fill_in(story: Story, typed: str) -> None:
    """Set the variables of a command that the page has not used yet: each is the newest token of an answer."""
    for name in VARIABLE.findall(typed):
        if name not in story.variables and name not in os.environ:
            assert story.fresh_tokens, f"${name} is no token that the page has shown"
            story.variables[name] = story.fresh_tokens.pop()
            story.fresh_tokens.clear()
