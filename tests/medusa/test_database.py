"""import_medusa --database: the tables of the dump in a PostgreSQL database, read at one moment, never written to."""

import os
import re
import sys

import pytest
from django.core.management import CommandError

from customer_registration.contrib.medusa.database import open_database
from customer_registration.contrib.medusa.tables import CUSTOMER
from customer_registration.models import Customer
from tests.medusa.conftest import DUMP

SERVER = os.environ.get("TEST_DATABASE_URL", "")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="set TEST_DATABASE_URL=postgres://..."),
]


def load(connection, text):
    """Run what pg_dump has written, its COPY blocks too."""
    for part in re.split(r"^(COPY .*? FROM stdin;\n.*?^\\\.\n)", text, flags=re.MULTILINE | re.DOTALL):
        if part.startswith("COPY "):
            command, _, rows = part.partition("\n")
            with connection.cursor().copy(command) as copy:
                copy.write(rows.removesuffix("\\.\n"))
        else:
            connection.execute(part)


@pytest.fixture(scope="module")
def medusa(worker_id):
    """The URL of a database with the dump."""
    import psycopg

    from tests.medusa.real_shop import temporary_database

    with temporary_database(SERVER, f"medusa_dump_{worker_id}") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            load(connection, (DUMP / "medusa.sql").read_text())
        yield url


def with_user(url, credentials):
    return re.sub(r"//[^@]*@", f"//{credentials}@", url)


def test_a_database_tells_what_the_files_tell(medusa, run):
    def lines(text):
        return [line for line in text.splitlines() if " s, " not in line]

    from_files = run("--csv", DUMP, "--dry-run")
    from_database = run("--database", medusa)
    assert lines(from_files) == lines(from_database)
    assert Customer.objects.count() == 10
    assert Customer.objects.get(email="jane@example.com").metadata["note"] == 'commas, "quotes"\nand lines'


def test_rows_are_the_same_by_both_roads(medusa):
    from customer_registration.contrib.medusa.files import Files
    from customer_registration.contrib.medusa.tables import TABLES

    def plain(rows):
        return sorted(tuple((value or "").replace("true", "t").replace("false", "f") for value in row) for row in rows)

    files = Files(DUMP)
    with open_database(medusa) as database:
        for table in TABLES:
            assert plain(database.rows(table)) == plain(files.rows(table))


def test_text_is_text_whatever_the_encoding_that_a_client_is_told(medusa, monkeypatch):
    monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")  # as a database of that encoding does, which answers in bytes
    with open_database(medusa) as database:
        assert all(isinstance(value, str | None) for row in database.rows(CUSTOMER) for value in row)


def test_nothing_can_be_written_there_and_all_is_of_one_moment(medusa):
    import psycopg

    with open_database(medusa) as database, psycopg.connect(medusa, autocommit=True) as other:
        before = len(list(database.rows(CUSTOMER)))
        other.execute("INSERT INTO customer (id, email) VALUES ('cus_late', 'late@example.com')")
        assert len(list(database.rows(CUSTOMER))) == before
        other.execute("DELETE FROM customer WHERE id = 'cus_late'")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            database._connection.execute("DELETE FROM customer")


def test_rows_come_through_a_cursor_on_the_server(medusa):
    with open_database(medusa) as database:
        rows = database.rows(CUSTOMER)
        next(rows)
        assert database._connection.execute("SELECT count(*) FROM pg_cursors").fetchone() == (1,)


def test_a_database_of_something_else_is_refused(run):
    with pytest.raises(CommandError, match="This is no database of Medusa 2: there is no table customer"):
        run("--database", SERVER.rpartition("/")[0] + "/postgres")


def test_tables_that_older_versions_lack_are_told(medusa, run):
    import psycopg

    with psycopg.connect(medusa, autocommit=True) as connection:
        connection.execute("ALTER TABLE auth_mfa_factor RENAME TO elsewhere")
        try:
            said = run("--database", medusa, "--dry-run")
        finally:
            connection.execute("ALTER TABLE elsewhere RENAME TO auth_mfa_factor")
    assert "The table auth_mfa_factor is not there" in said


SECRET = "s3cr3t-of-the-database"
UNREACHABLE = {
    "nobody listens": (f"postgres://shopkeeper:{SECRET}@127.0.0.1:1/medusa", "it cannot be reached"),
    "no such host": (f"postgres://shopkeeper:{SECRET}@nowhere.invalid/medusa", "it cannot be reached"),
    "an @ in the password": (f"postgres://shopkeeper:p@{SECRET}:x@127.0.0.1/medusa", "it cannot be reached"),
    "an @ and a colon": (f"postgres://shopkeeper:p@h:{SECRET}/medusa", "There is no connection"),
    "no such mode": (
        f"postgres://shopkeeper:{SECRET}@127.0.0.1/medusa?sslmode=x",
        "psql, given the same URL, says more",
    ),
    "of another driver": (f"postgres://shopkeeper:{SECRET}@127.0.0.1/medusa?ssl=1", "none that PostgreSQL understands"),
    "no URL": (f"medusa {SECRET}", "none that PostgreSQL understands"),
}


@pytest.mark.parametrize(("url", "told"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_url_is_not_repeated(run, url, told):
    with pytest.raises(CommandError, match=told) as refused:
        run("--database", url)
    assert SECRET not in str(refused.value)
    assert "shopkeeper" not in str(refused.value)


def test_a_database_or_a_user_that_is_not_there_is_not_repeated(run, medusa):
    for url in (medusa + "_not", with_user(medusa, f"shopkeeper:{SECRET}")):
        with pytest.raises(CommandError, match="There is no connection to the database: ") as refused:
            run("--database", url)
        assert not re.search(f"{SECRET}|shopkeeper|_not", str(refused.value))


def test_rows_that_may_not_be_read(run, medusa):
    import psycopg

    with psycopg.connect(medusa, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS import_medusa_reader")
        connection.execute("CREATE ROLE import_medusa_reader LOGIN")
        try:
            with pytest.raises(CommandError, match="The table customer cannot be read: this user may not read it"):
                run("--database", with_user(medusa, "import_medusa_reader"))
        finally:
            connection.execute("DROP ROLE import_medusa_reader")


def test_without_a_driver_it_says_which_extra_brings_one(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(CommandError, match=r"django-customer-registration\[postgres\]"):
        run("--database", "postgres://127.0.0.1/medusa")
