"""Read data: JSON, where ``…`` stands for what is left out, TOML, YAML and INI."""

import configparser
import json
import re
import tomllib

import yaml

from tests.docs.pages import Block
from tests.docs.stories import Story


def read_json(block: Block, story: Story) -> None:
    """Read JSON."""
    source = re.sub(r",\s*…(?=\s*[}\]])|(?<=[{\[])\s*…\s*(?=[}\]])", "", block.source)
    assert json.loads(source), "an empty example shows nothing"


def read_toml(block: Block, story: Story) -> None:
    """Read TOML."""
    assert tomllib.loads(block.source)


def read_yaml(block: Block, story: Story) -> None:
    """Read YAML."""
    assert yaml.safe_load(block.source)


def read_env(block: Block, story: Story) -> None:
    """Read a file of environment variables."""
    lines = [line for line in block.source.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*=\S.*", line), f"{line!r} sets no variable"


def read_ini(block: Block, story: Story) -> None:
    """Read an INI file, as systemd's units are."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(block.source)
    assert parser.sections()
