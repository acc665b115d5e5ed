"""``docs/reference/settings.md`` is what ``conf`` declares: every option, its type, range and default, and no other."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

import pytest

import customer_registration
from customer_registration.conf import Config
from tests.pages import table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "settings.md").read_text()
PACKAGE = Path(customer_registration.__file__).parent
WORDS = {bool: "yes or no", int: "whole number", float: "number", str: "text", NoneType: "`None`"}


def spelled(section, option):
    """Return how the page spells the type of an option, with its range."""
    metadata = option.metadata
    if choices := metadata.get("choices"):
        return ", ".join(f"`{quoted(choice)}`" for choice in choices)
    low, high = metadata.get("low"), metadata.get("high")
    bounds = "" if low is None else f", {low} to {high}" if high is not None else f", at least {low}"
    kind = get_type_hints(section)[option.name]
    members = get_args(kind) if get_origin(kind) is UnionType else (kind,)
    return " or ".join(_word(member) + (bounds if member is not NoneType else "") for member in members)


def _word(kind):
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        return "list of " + {"text": "texts", "whole number": "whole numbers"}[WORDS[inner]]
    return "dict" if issubclass(get_origin(kind) or kind, Mapping) else WORDS[kind]


def default_of(option):
    """Return how the page spells an option's default."""
    value = option.default_factory() if option.default is MISSING else option.default
    return f"`{quoted(list(value) if isinstance(value, tuple) else value)}`"


def quoted(value):
    """Return a value as Python with the quotes of this project's style."""
    return repr(value).replace("'", '"')


def declared():
    """Yield the path, the section and the field of every option, in the order of the page."""
    hints = get_type_hints(Config)
    for option in fields(Config):
        if not is_dataclass(hints[option.name]):
            yield option.name.upper(), Config, option
    for section in fields(Config):
        if is_dataclass(kind := hints[section.name]):
            for option in fields(kind):
                yield f"{section.name}.{option.name}".upper(), kind, option


LISTED = table(PAGE, "| Option | Type | Default | What it does |")


def test_every_option_has_a_row_and_no_row_is_invented():
    assert [name for name, *_ in LISTED] == [f"`{path}`" for path, *_ in declared()]


@pytest.mark.parametrize(("path", "section", "option"), list(declared()), ids=[path for path, *_ in declared()])
def test_an_option_has_its_type_range_and_default(path, section, option):
    told = {name: cells for name, *cells in LISTED}[f"`{path}`"]
    assert told[:2] == [spelled(section, option), default_of(option)]
    assert told[2]


def test_every_section_has_a_heading():
    hints = get_type_hints(Config)
    sections = [each.name.upper() for each in fields(Config) if is_dataclass(hints[each.name])]
    assert [name for name in re.findall(r"^## (\w+)$", PAGE, re.MULTILINE) if name.isupper()] == sections


def test_every_setting_of_djangos_that_is_read_is_named():
    code = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.parent.name != "migrations")
    ways = (r"\bsettings\.([A-Z][A-Z_]+)\b", r'\bsettings, "([A-Z_]+)"', r'\bsetting: .*= "([A-Z_]+)"')
    read = {name for way in ways for name in re.findall(way, code)}
    told = [name for name, _ in table(PAGE, "| Setting | What for |")]
    assert sorted(told) == sorted(f"`{name}`" for name in read)
