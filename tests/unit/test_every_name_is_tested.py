"""A check, setting, signal, command or error code that no test names is one that nobody would miss."""

import inspect
import re
from pathlib import Path

import pytest
from django.dispatch import Signal

from customer_registration import conf, exceptions, ratelimits, signals
from customer_registration.api import errors
from customer_registration.checks import deployment, fixed_codes, passwordless, start
from customer_registration.ratelimits.rules import DEFAULT_RULES

TESTS = Path(__file__).parents[1]
PACKAGE = Path(ratelimits.__file__).parents[1]
TEXT = "\n".join(path.read_text() for path in TESTS.rglob("*.py") if path != Path(__file__))


def names():
    """Yield every public name that a test must mention."""
    for rules in (start, passwordless, fixed_codes, deployment):
        yield from re.findall(r'"([EW]\d{3})"', inspect.getsource(rules))
    yield from (name for name, value in vars(signals).items() if isinstance(value, Signal))
    yield from (path.stem for path in (PACKAGE / "management" / "commands").glob("[!_]*.py"))
    for error in vars(exceptions).values():
        if inspect.isclass(error) and getattr(error, "code", None):
            yield error.code
    yield from re.findall(r'_plain\(\s*"\w+",\s*"[^"]+",\s*"(\w+)"', inspect.getsource(errors))
    yield from DEFAULT_RULES
    yield from re.findall(r"^    (\w+): .*= ", inspect.getsource(conf.Config), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(names())))
def test_a_test_names_it(name):
    found = re.search(rf"\b{name}\b", TEXT) or re.search(rf"\b{name.upper()}\b", TEXT)
    assert found, f"no test mentions {name}"
