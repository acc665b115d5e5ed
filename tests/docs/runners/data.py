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


def read_ini(block: Block, story: Story) -> None:
    """Read an INI file, as systemd's units are."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(block.source)
    assert parser.sections()
