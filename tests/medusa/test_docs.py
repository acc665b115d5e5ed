"""docs/how-to/import-from-medusa.md says what the command says, and names what it reads."""

import re
from pathlib import Path

import pytest

from customer_registration.contrib.medusa.tables import TABLES
from tests.medusa.conftest import ARGON2, DUMP, SCRYPT

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "import-from-medusa.md").read_text()
TOOK = re.compile(r"[\d.]+ s, \d+ a second")


@pytest.mark.django_db
def test_the_output_is_what_is_said_of_the_dump(run):
    shown = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
    said = [TOOK.sub("", line) for line in run("--csv", DUMP).splitlines()]
    assert len(shown) > 5
    assert [line for line in shown if TOOK.sub("", line) not in said] == []


def test_every_table_is_written_by_the_command_that_made_the_dump():
    shown = re.findall(r'^psql "\$MEDUSA_DATABASE_URL" -c "(.*)"$', PAGE, re.MULTILINE)
    assert shown == [rf"\copy {table.name} to '{table.name}.csv' csv header" for table in TABLES]


def test_the_hashers_are_in_their_order():
    assert re.findall(r'^    "(customer_registration\..*)",$', PAGE, re.MULTILINE) == [ARGON2, SCRYPT]
