"""``docs/reference/checks.md``: every system check, at a start or before going live, and no other."""

import re
from pathlib import Path

import customer_registration
from tests.pages import table

PACKAGE = Path(customer_registration.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "reference" / "checks.md").read_text()
AT_START, DEPLOYED = PAGE.split("\n## Before going live\n")


def ids(first):
    """Return the ids in the code whose number begins with a digit, errors before warnings."""
    code = "\n".join(path.read_text() for path in (PACKAGE / "checks").glob("*.py"))
    return [f"`{name}`" for name in sorted(set(re.findall(rf'"([EW]{first}\d\d)"', code)))]


def told(part):
    """Return the ids that a part of the page lists."""
    return [name for name, _ in table(part, "| Check | Finds |")]


def test_every_check_of_a_start_has_a_row_and_no_row_is_invented():
    assert told(AT_START) == ids(0)


def test_every_check_of_a_deployment_has_a_row_and_no_row_is_invented():
    assert told(DEPLOYED) == ids(1)
