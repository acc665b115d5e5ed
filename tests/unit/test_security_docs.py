"""What ``docs/security.md`` says: every test that it names is there, every row has one, every number is the default."""

import re
from functools import cache, reduce
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

import customer_registration
from customer_registration.conf import config
from customer_registration.ratelimits.rules import DEFAULT_RULES
from tests.unit.test_every_attack_is_tested import ATTACKS as NUMBERED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"tests/[\w/]+\.py::\w+", PAGE)))
ATTACKS = re.findall(r"^\| ([A-F]\d+) \| .*$", PAGE, re.MULTILINE)
# Where the columns of a table are tests, the last one is.
PROVEN = re.findall(r"^\|.*\| Tests \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)


@cache
def source(path):
    """Return the text of a file of the tests; of one that is not there, nothing."""
    return (ROOT / path).read_text() if (ROOT / path).is_file() else ""


def rows(header):
    """Return the table below a header, as lists of cells without their code marks."""
    below = PAGE.partition(f"{header}\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert below, header
    return [[cell.strip().replace("`", "") for cell in row.split("|")[1:-1]] for row in below]


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_is_there(name):
    path, _, test = name.partition("::")
    assert re.search(rf"^def {test}\(", source(path), re.MULTILINE)


def test_every_row_names_a_test():
    assert len(PROVEN) == PAGE.count("| Tests |") == 10
    assert not [row for table in PROVEN for row in table.splitlines() if "::test_" not in row.rsplit("|", 2)[1]]


@pytest.mark.parametrize("row", ATTACKS)
def test_an_attack_names_a_test_of_its_own(row):
    [line] = re.findall(rf"^\| {row} \| .*$", PAGE, re.MULTILINE)
    assert re.search(rf"::test_(\w+_)?{row.lower()}_", line)


def test_the_attacks_are_those_that_have_a_number():
    assert [row.lower() for row in ATTACKS] == list(NUMBERED)


def test_the_numbers_are_the_defaults(settings):
    settings.CUSTOMER_REGISTRATION = {}
    told = rows("| Setting | Default | Of |")
    assert {path: default for path, default, _ in told} == {
        path: str(reduce(getattr, path.lower().split("."), config())) for path, *_ in told
    }


def test_the_rules_are_the_defaults():
    told = rows("| Rule of `RATE_LIMITS.RULES` | Default | Counts |")
    assert {name: rule for name, rule, _ in told} == DEFAULT_RULES


def test_the_caps_are_those_of_the_code():
    for cap, most, where in rows("| Cap before any work | At most | In |"):
        assert int(most.partition(" ")[0]) == import_string(where), cap


def test_every_deploy_check_is_listed():
    checks = Path(customer_registration.__file__).parent / "checks"
    ours = {found for path in checks.glob("*.py") for found in re.findall(r'"([EW]1\d\d)"', path.read_text())}
    assert {name for name, _ in rows("   | Check | Finds |")} == ours


def test_whoever_finds_a_hole_is_told_how_to_report_it():
    assert "](../SECURITY.md)" in PAGE
    report = (ROOT / "SECURITY.md").read_text()
    assert "docs/security.md" in report
    assert customer_registration.__version__.rpartition(".")[0] in report
    assert "@" not in report  # the form of the repository, no address that nobody reads
    assert "(docs/security.md)" in (ROOT / "README.md").read_text()
