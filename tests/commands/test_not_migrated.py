"""The first commands that somebody runs in a project of their own, before the app is migrated."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from customer_registration.models import AccountEvent, Customer
from tests.commands.users import user
from tests.medusa.conftest import ARGON2, DUMP, SCRYPT

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]
COMMANDS = [["adopt_users"], ["check_contacts"], ["import_medusa", "--csv", str(DUMP)]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_database_without_the_tables_is_told_to_be_migrated(command, monkeypatch, settings):
    settings.PASSWORD_HASHERS = [ARGON2, SCRYPT]
    user("jane@example.com")
    monkeypatch.setattr(Customer._meta, "db_table", "customers_of_tomorrow")
    with pytest.raises(CommandError, match=r"not there yet: run manage\.py migrate"):
        call_command(*command)


def test_another_failure_of_the_database_is_shown_as_it_is(monkeypatch):
    user("jane@example.com")
    monkeypatch.setattr(AccountEvent._meta, "db_table", "events_of_tomorrow")
    with pytest.raises(DatabaseError):
        call_command("adopt_users")
