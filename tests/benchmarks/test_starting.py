"""The figures of `tests.benchmarks.starting` that need a real shop."""

import os

import pytest

from tests.benchmarks.starting import cold_start_seconds, idle_megabytes, shop_on
from tests.faults.conftest import DATABASE, NEED_SERVERS
from tests.faults.servers import Database

pytestmark = NEED_SERVERS

MEGABYTES = 110
SECONDS = 15  # a busy machine's; it takes less than one where nothing else runs


@pytest.fixture(scope="module")
def shop():
    with shop_on(Database(DATABASE, f"starting_{os.getpid()}")) as made:
        yield made


def test_a_shop_answers_soon_after_its_start(shop):
    assert 0 < cold_start_seconds(shop, tries=1) < SECONDS


def test_an_idle_worker_is_small(shop):
    """Ten rounds: without the settings of ``gunicorn.conf.py`` each thread would keep the memory of a hash by then."""
    assert 30 < idle_megabytes(shop, rounds=10) < MEGABYTES
