"""A migration is killed in the middle, or the disk is full: the next one finishes it, forwards and backwards."""

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import DATABASE, NEED_SERVERS
from tests.faults.servers import ROOT, Database
from tests.faults.shop import Shop

pytestmark = NEED_SERVERS

KILLED = -signal.SIGKILL
NAMES = sorted(path.name[:4] for path in (ROOT / "customer_registration" / "migrations").glob("0*.py"))
FIRST, NEWEST = NAMES[0], NAMES[-1]
APP_TABLES = "customer_registration_%"


class SQLite:
    """A database file, asked as `Database` is."""

    def __init__(self, path):
        self.path, self.url = path, f"sqlite:///{path}"

    def sql(self, statement):
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute(statement).fetchall()
            connection.commit()
            return found

    def columns(self):
        """Return every column of the app's tables."""
        return sorted(
            self.sql(
                "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
                f" WHERE m.type = 'table' AND m.name LIKE '{APP_TABLES}'"
            )
        )


class PostgreSQL(Database):
    def columns(self):
        """Return every column of the app's tables."""
        found = "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE %s"
        return sorted(self.sql(found, APP_TABLES))


class Migrations:
    """A database and the process that migrates it."""

    def __init__(self, database, process, log):
        self.database, self._process, self.log = database, process, log

    def to(self, name, **order):
        """Migrate the app to a migration; return how the process ended and the statements it ran."""
        self._process.stdin.write(json.dumps({"to": name, **order}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["status"], answer["statements"]

    def applied(self):
        """Return the app's migrations that Django takes as done."""
        names = "SELECT name FROM django_migrations WHERE app = 'customer_registration' ORDER BY name"
        return [name[:4] for (name,) in self.database.sql(names)]

    def rows(self):
        """Return how many rows there are of what a person leaves behind."""
        tables = ("customer", "accountdeletionrequest", "otpverification", "accountevent")
        return [self.database.sql(f"SELECT count(*) FROM customer_registration_{name}")[0][0] for name in tables]


@pytest.fixture(params=["postgresql", "sqlite"])
def migrations(request, tmp_path):
    """A database at the newest migration, with somebody in it, and a process to migrate it."""
    if request.param == "sqlite":
        database = SQLite(tmp_path / "shop.sqlite3")
    else:
        database = PostgreSQL(DATABASE, "faults_migrations")
        database.create(template=request.getfixturevalue("migrated").name)
    shop = Shop.on(database, tmp_path)
    with migrating(shop) as process:
        migrations = Migrations(database, process, Path(shop.log("migrating")))
        assert migrations.to("", fill=True)[0] == 0
        yield migrations
    if request.param == "postgresql":
        database.drop()


@contextmanager
def migrating(shop):
    command = [sys.executable, "-m", "tests.faults.migrating"]
    with open(shop.log("migrating"), "ab") as log:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        with subprocess.Popen(command, cwd=ROOT, env=shop.environment, text=True, **pipes) as process:
            yield process
            process.stdin.close()


def test_f_migration_that_is_killed_is_finished_by_the_next_and_loses_no_row(migrations):
    rows = migrations.rows()
    assert all(rows)
    for origin, target in ((NEWEST, FIRST), (FIRST, NEWEST)):
        last = migrations.to(target)[1]
        whole = migrations.database.columns()
        migrations.to(origin)
        assert migrations.to(target, kill_at=last) == (KILLED, last)
        assert migrations.applied() == NAMES[: len(migrations.applied())]
        assert migrations.rows() == rows
        assert migrations.to(target)[0] == 0
        assert (migrations.database.columns(), migrations.rows()) == (whole, rows)
    # And of a project that leaves the app, or begins with it.
    middle = migrations.to("zero")[1] // 2
    migrations.to(NEWEST)
    for target, columns, names in (("zero", [], []), (NEWEST, whole, NAMES)):
        assert migrations.to(target, kill_at=middle) == (KILLED, middle)
        assert migrations.to(target)[0] == 0
        assert (migrations.database.columns(), migrations.applied()) == (columns, names)


@pytest.mark.parametrize("migrations", ["sqlite"], indirect=True)
def test_f_migration_on_a_full_disk_is_undone_and_works_once_there_is_room(migrations):
    rows, whole = migrations.rows(), migrations.database.columns()
    migrations.to(FIRST)
    migrations.database.sql("VACUUM")
    before = migrations.database.columns()
    assert migrations.to(NEWEST, full=2)[0] == 1
    assert "database or disk is full" in migrations.log.read_text()
    assert migrations.applied() == NAMES[: len(migrations.applied())]
    assert migrations.applied() != [FIRST] or migrations.database.columns() == before
    assert migrations.rows() == rows
    assert migrations.to(NEWEST)[0] == 0
    assert (migrations.database.columns(), migrations.rows()) == (whole, rows)
