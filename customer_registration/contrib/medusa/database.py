"""Read Medusa's tables in its own PostgreSQL database, at one moment, without writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from customer_registration.contrib.medusa.tables import TABLES, Row, SourceError, Table

if TYPE_CHECKING:
    from psycopg import Connection

ROWS_A_FETCH = 2000
CONNECT_SECONDS = 15
# Of any schema that the URL chooses; times in ISO 8601, whatever the server's own settings are.
SETTINGS = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL statement_timeout = 0"
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"


class Database:
    """The tables of a database.

    Args:
        connection: in a transaction that sees one moment and may not write.
    """

    def __init__(self, connection: "Connection[Any]") -> None:
        self._connection = connection
        self._columns = {table: self._columns_of(table) for table in TABLES}

    def missing(self) -> list[str]:
        """Return a sentence on each table that some shops lack, and this one does."""
        lacking = [table for table, columns in self._columns.items() if not columns]
        return [f"The table {table.name} is not there: {table.without}." for table in lacking]

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of a table through a cursor on the server."""
        import psycopg
        from psycopg import sql

        there = self._columns[table]
        if not there:
            return
        columns = [
            sql.SQL("{}::text").format(sql.Identifier(name)) if name in there else sql.SQL("NULL")
            for name in table.columns
        ]
        query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(columns), sql.Identifier(table.name))
        try:
            with self._connection.cursor(name=f"import_{table.name}") as cursor:
                cursor.itersize = ROWS_A_FETCH
                cursor.execute(query)
                yield from cursor
        except psycopg.Error as error:
            raise SourceError(f"The table {table.name} cannot be read: {_kind(error)}.") from None

    def _columns_of(self, table: Table) -> set[str]:
        columns = {name for (name,) in self._connection.execute(COLUMNS, [f'"{table.name}"'])}
        if not columns and table.without:
            return columns
        if lacking := [name for name in table.needed if name not in columns]:
            what = f"no table {table.name}" if not columns else f"no column {lacking[0]} in its table {table.name}"
            raise SourceError(f"This is no database of Medusa 2: there is {what}.")
        return columns


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Yield the tables of a database; the connection cannot write, and sees what was there when it began.

    Args:
        url: as Medusa's ``DATABASE_URL``, or any connection string of PostgreSQL's own; the password may come from
            ``PGPASSWORD`` or a password file instead.

    Raises:
        SourceError: there is no driver, no connection, or no Medusa.
    """
    try:
        import psycopg
    except ImportError as error:
        raise SourceError(
            "Reading a database takes psycopg: pip install 'django-customer-registration[postgres]'."
        ) from error
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:  # its message may repeat what it takes for a port: a password with an @ in it
        raise SourceError(
            "The URL of the database is none that PostgreSQL understands; special characters of a password are written"
            " in percent encoding."
        ) from None
    try:
        # Without the encoding a database of SQL_ASCII answers in bytes.
        connection = psycopg.connect(
            url, connect_timeout=CONNECT_SECONDS, application_name="import_medusa", client_encoding="UTF8"
        )
    except psycopg.Error as error:
        raise SourceError(f"There is no connection to the database: {_kind(error)}.") from None
    try:
        with connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute(SETTINGS)
            yield Database(connection)
            connection.rollback()
    except psycopg.Error as error:
        raise SourceError(f"The database cannot be read: {_kind(error)}.") from None


def _kind(error: Any) -> str:
    """Say what went wrong in words that hold nothing of the URL and of no row."""
    words = {
        "28P01": "the password is wrong",
        "28000": "this user may not connect",
        "3D000": "there is no such database",
        "42501": "this user may not read it",
        "53300": "it has too many connections",
    }
    state = getattr(error, "sqlstate", None)
    said = str(error)
    if state is None:  # libpq tells the state of no error at connecting
        phrases = {
            "password authentication failed": "28P01",
            "no password supplied": "28P01",
            "does not exist": "3D000",
            "pg_hba.conf": "28000",
            "too many": "53300",
        }
        state = next((code for phrase, code in phrases.items() if phrase in said), None)
    if state in words:
        return words[state]
    if state is None:
        unreachable = ("refused", "timeout", "timed out", "translate host name", "resolve", "No such file", "route")
        if any(word in said for word in unreachable):
            return "it cannot be reached"
        return f"{type(error).__name__}; psql, given the same URL, says more"
    return f"{type(error).__name__}, SQLSTATE {state}"
