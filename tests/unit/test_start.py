"""A start is cheap: what a process may never need loads at its first use, not at ``django.setup()``."""

from importlib.machinery import PathFinder

import pytest

from tests.benchmarks.starting import HEAVY, loaded_at_setup, setup_milliseconds

# What a start needs of ours. Flows, tokens, limits and the API come with the first request, the rules with the checks.
LOADED = {
    "apps", "checks", "codes", "conf", "enums", "exceptions", "fixed_codes", "identifiers", "keys", "languages",
    "models", "receivers", "request_ids", "signals",
}  # fmt: skip
AFFORDABLE = 0.25  # of the time that Django and REST framework take themselves, so that a slow machine fails nobody
TRIES = 8


@pytest.fixture(scope="module")
def loaded():
    return loaded_at_setup()


def test_libraries_load_at_first_use(loaded):
    assert all(PathFinder.find_spec(name) for name in HEAVY)  # else their absence says nothing
    assert loaded.isdisjoint(HEAVY)


def test_of_the_app_little_more_than_the_models_is_loaded(loaded):
    assert {name.split(".")[1] for name in loaded if name.startswith("customer_registration.")} == LOADED
    assert {name for name in loaded if name.startswith("customer_registration.checks.")} == {
        "customer_registration.checks.findings"
    }


def test_the_app_adds_little_to_the_time_of_a_start():
    """By the least CPU time of several starts: on a busy machine some take longer, and none takes less."""
    with_app, without = [], []
    for _ in range(TRIES):
        with_app.append(setup_milliseconds(True, tries=1))
        without.append(setup_milliseconds(False, tries=1))
        if min(with_app) - min(without) < AFFORDABLE * min(without):
            return
    pytest.fail(f"{min(with_app):.0f} ms with the app, {min(without):.0f} ms without")
