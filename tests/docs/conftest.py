"""The house in which every page is told."""

import logging
from collections.abc import Iterator

import pytest

from tests.docs.stories import House, open_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One shop and one interpreter for all pages."""
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    with open_house(tmp_path_factory.mktemp("docs")) as opened:
        yield opened
