"""Every test ends with the search."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.secret_search import watch
from tests.secret_search.findings import RECORD

ON = os.environ.get("TEST_SECRET_SEARCH") != "0"


@pytest.fixture(scope="session", autouse=True)
def watched() -> None:
    """Watch from the first test on."""
    if ON:
        watch.start()


@pytest.fixture(autouse=True)
def no_secret_got_out(watched: None) -> Iterator[None]:
    """Fail a test that put a secret where it may not be."""
    yield
    if leaks := RECORD.findings():
        pytest.fail("Secrets got out:\n" + "\n".join(leaks), pytrace=False)


@pytest.fixture
def leaks(no_secret_got_out: None) -> Callable[[], list[str]]:
    """Search now, for a test that lets a secret out on purpose."""
    return RECORD.findings
