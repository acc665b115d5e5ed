"""The demo's story, told once for all tests of a process."""

import subprocess
from pathlib import Path

import pytest

from tests.example.demos import run_demo


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the database that the story was told on."""
    return tmp_path_factory.mktemp("story")


@pytest.fixture(scope="session")
def story(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The story, told once."""
    return run_demo(folder)
