"""``docs/reference/commands.md``: every command with every argument of its parser, and nothing that is not there."""

import re
from pathlib import Path

import pytest
from django.core.management import load_command_class

import customer_registration
from tests.pages import table

PACKAGE = Path(customer_registration.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "reference" / "commands.md").read_text()
COMMANDS = sorted(path.stem for path in (PACKAGE / "management" / "commands").glob("[!_]*.py"))
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}
HEADER = "| Argument | Default | What it does |"


def declared(command):
    """Return the default of every argument of a command, less those that all commands have."""
    parser = load_command_class("customer_registration", command).create_parser("manage.py", command)
    plain = load_command_class("django.core", "check").create_parser("manage.py", "check")
    # `check` names databases by their alias; whoever calls something else --database means something else.
    every = {name for name, action in plain._option_string_actions.items() if name != "--database"} | {"--skip-checks"}
    found = {}
    for action in parser._actions:
        if every.isdisjoint(action.option_strings):
            name = action.option_strings[-1] if action.option_strings else action.metavar or action.dest
            found[f"`{name}`"] = _spelled(action)
    return found


def _spelled(action):
    if action.required:
        return "required"
    if action.nargs == 0:  # a switch
        return "on" if action.default else "off"
    return "none" if action.default is None else f"`{action.default}`"


def test_every_command_has_a_section_and_no_section_is_invented():
    assert list(SECTIONS) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_the_arguments_of_a_command_are_told_with_their_defaults(command):
    section = SECTIONS[command]
    told = {name: default for name, default, _ in table(section, HEADER)} if HEADER in section else {}
    assert told == declared(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_values_that_an_argument_takes_are_told(command):
    parser = load_command_class("customer_registration", command).create_parser("manage.py", command)
    for action in parser._actions:
        for choice in action.choices or () if action.dest != "verbosity" else ():
            assert f"`{choice}`" in SECTIONS[command]
