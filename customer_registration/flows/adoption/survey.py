"""What all the contacts of the users are, on the disk and not in memory: who shares one can be known only at the end.

The file is SQLite's own temporary one: without a name, readable by nobody else, and gone with the process however that
ends. ``SQLITE_TMPDIR`` says where; a million users take some 150 MB.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.contacts import Assessed

CACHE_KIB = 16 * 1024
KEYS_A_SELECT = 500  # fewer than any SQLite takes parameters

Contacts = dict[IdentifierKind, Assessed]


class Likeness(StrEnum):
    """How far several users write one contact alike."""

    IDENTICAL = "identical"
    CASE = "case"  # they differ in case only
    FORM = "form"  # as the spellings of one number do


@dataclass(frozen=True, slots=True)
class Group:
    """Several users with one contact."""

    kind: IdentifierKind
    value: str
    people: int
    likeness: Likeness


class Survey:
    """Everybody's canonical contacts, to be asked who shares one once all of them are noted."""

    def __init__(self) -> None:
        self.db = sqlite3.connect("", isolation_level=None)
        for statement in (
            f"PRAGMA cache_size = -{CACHE_KIB}",
            "PRAGMA journal_mode = OFF",
            "CREATE TABLE contact (person TEXT, kind TEXT, value TEXT, text TEXT)",
            "CREATE TABLE shared (kind TEXT, value TEXT, people INTEGER, PRIMARY KEY (kind, value)) WITHOUT ROWID",
        ):
            self.db.execute(statement)

    def close(self) -> None:
        """Give the file back."""
        self.db.close()

    def note(self, people: Iterable[tuple[Any, Contacts]]) -> None:
        """Note the contacts of some users that are contacts, by the keys of the users."""
        rows = (
            (str(key), kind.value, each.value, None if each.text == each.value else each.text)
            for key, contacts in people
            for kind, each in contacts.items()
            if each.value
        )
        self.db.execute("BEGIN")
        self.db.executemany("INSERT INTO contact VALUES (?, ?, ?, ?)", rows)
        self.db.execute("COMMIT")

    def compare(self) -> None:
        """Find out who shares a contact, once everybody is noted."""
        for statement in (
            "CREATE INDEX by_person ON contact (person)",
            "CREATE INDEX by_value ON contact (kind, value)",
            "INSERT INTO shared SELECT kind, value, count(*) FROM contact GROUP BY kind, value HAVING count(*) > 1",
        ):
            self.db.execute(statement)

    def of(self, keys: Iterable[Any]) -> dict[tuple[str, IdentifierKind], Assessed]:
        """Return the contacts that users had when they were noted, by key and kind."""
        rows = self._each("SELECT person, kind, text, value FROM contact WHERE person IN ({marks})", map(str, keys))
        return {
            (person, IdentifierKind(kind)): Assessed(value if text is None else text, value)
            for person, kind, text, value in rows
        }

    def is_shared(self, kind: IdentifierKind, value: str) -> bool:
        """Whether several users have a contact."""
        found = self.db.execute("SELECT 1 FROM shared WHERE kind = ? AND value = ?", (kind.value, value))
        return found.fetchone() is not None

    def count_groups(self) -> int:
        """Return how many contacts several users have."""
        return int(self.db.execute("SELECT count(*) FROM shared").fetchone()[0])

    def count_shared(self) -> int:
        """Return how many users have a contact that another has too."""
        return int(
            self.db.execute("SELECT count(DISTINCT person) FROM contact JOIN shared USING (kind, value)").fetchone()[0]
        )

    def groups(self) -> Iterator[Group]:
        """Return the contacts that several users have, in the order of their first users."""
        rows = self.db.execute(
            "SELECT kind, value, people, count(DISTINCT coalesce(text, value)),"
            " count(DISTINCT lower(coalesce(text, value))) FROM shared JOIN contact USING (kind, value)"
            " GROUP BY kind, value ORDER BY min(contact.rowid)"
        )
        for kind, value, people, spellings, apart_from_case in rows:
            alike = Likeness.CASE if apart_from_case == 1 else Likeness.FORM
            yield Group(IdentifierKind(kind), value, people, Likeness.IDENTICAL if spellings == 1 else alike)

    def holders(self, kind: IdentifierKind, value: str) -> Iterator[tuple[str, str]]:
        """Return who has a contact, as their key and what they wrote, in the order of their keys."""
        yield from self.db.execute(
            "SELECT person, coalesce(text, value) FROM contact WHERE kind = ? AND value = ? ORDER BY rowid",
            (kind.value, value),
        )

    def _each(self, sql: str, values: Iterable[str]) -> Iterator[Any]:
        wanted = list(values)
        for start in range(0, len(wanted), KEYS_A_SELECT):
            some = wanted[start : start + KEYS_A_SELECT]
            yield from self.db.execute(sql.format(marks=", ".join("?" * len(some))), some)
