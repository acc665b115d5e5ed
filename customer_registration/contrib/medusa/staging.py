"""Bring Medusa's tables together, on disk: a shop of any size takes no more memory than a batch.

The rows lie in a temporary SQLite database, which has no name and goes with the process. Files cannot be joined, and
whether two addresses differ in case only is known after the last row: they are compared in their canonical form.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from customer_registration.contrib.medusa import tables
from customer_registration.contrib.medusa.tables import Row, Source, SourceError, Table
from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.contacts import assess

SCHEMA = f"""
CREATE TABLE account ({", ".join(tables.CUSTOMER.columns)}, canonical_email, canonical_phone);
CREATE TABLE identity (id PRIMARY KEY, customer_id) WITHOUT ROWID;
CREATE TABLE login (auth_identity_id, provider, entity_id, password);
CREATE TABLE proof (auth_identity_id, entity_id, verified_at);
CREATE TABLE factor (auth_identity_id);
"""
INDEXES = """
CREATE UNIQUE INDEX account_id ON account (id);
CREATE INDEX account_email ON account (canonical_email);
CREATE INDEX account_phone ON account (canonical_phone);
CREATE INDEX identity_customer ON identity (customer_id);
CREATE INDEX login_identity ON login (auth_identity_id);
CREATE INDEX proof_identity ON proof (auth_identity_id);
CREATE INDEX factor_identity ON factor (auth_identity_id);
"""
ACCOUNTS = """
SELECT rowid, account.*,
  (SELECT count(*) FROM account AS other WHERE other.canonical_email = account.canonical_email) > 1,
  (SELECT count(*) FROM account AS other WHERE other.canonical_phone = account.canonical_phone) > 1
FROM account WHERE rowid > ? ORDER BY rowid LIMIT ?
"""
LOADED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Login:
    """What a provider knows somebody by; its password, if it has one, is a record of ``scrypt-kdf``."""

    provider: str
    entity_id: str
    password: str | None


@dataclass(slots=True)
class Account:
    """A customer of Medusa's who has an account, with all that belongs to them.

    Args:
        values: of the columns of `tables.CUSTOMER`, as text.
        email: canonical; ``None`` without one that mail can be sent to.
        phone: canonical; ``None`` without a number.
        shared: the kinds of contact that another account has in the same canonical form.
    """

    values: dict[str, str | None]
    email: str | None
    phone: str | None
    shared: set[IdentifierKind]
    logins: list[Login] = field(default_factory=list)
    proofs: list[tuple[str, str]] = field(default_factory=list)
    has_second_factor: bool = False

    @property
    def id(self) -> str:
        """Their id, which is kept."""
        return self.values["id"] or ""


class Staging:
    """The accounts of a source.

    Args:
        base: a new database.
    """

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        self.left_out: Counter[str] = Counter()

    def load(self, source: Source) -> None:
        """Read all of a source, once.

        Raises:
            SourceError: it cannot be read.
        """
        self._base.executescript(SCHEMA)
        self._fill("account", source, tables.CUSTOMER, self._account)
        self._fill("identity", source, tables.AUTH_IDENTITY, _identity)
        self._fill("login", source, tables.PROVIDER_IDENTITY, _login)
        self._fill("proof", source, tables.AUTH_VERIFICATION, _proof)
        self._fill("factor", source, tables.AUTH_MFA_FACTOR, _factor)
        try:
            self._base.executescript(INDEXES)
        except sqlite3.IntegrityError:
            raise SourceError("Two customers have the same id.") from None
        unknown = "SELECT count(*) FROM identity LEFT JOIN account ON account.id = customer_id WHERE account.id IS NULL"
        self.left_out["identities of no customer who is there"] = self._base.execute(unknown).fetchone()[0]

    def __len__(self) -> int:
        """Return how many accounts there are."""
        return int(self._base.execute("SELECT count(*) FROM account").fetchone()[0])

    def batches(self, size: int) -> Iterator[list[Account]]:
        """Yield the accounts in the order in which they were read."""
        last = 0
        while rows := self._base.execute(ACCOUNTS, (last, size)).fetchall():
            before, last = last, rows[-1][0]
            batch = list(map(_account, rows))
            self._add_logins({account.id: account for account in batch}, (before, last))
            yield batch

    def _add_logins(self, batch: dict[str, Account], span: tuple[int, int]) -> None:
        for customer_id, *login in self._of("provider, entity_id, password", "login", span):
            batch[customer_id].logins.append(Login(*login))
        for customer_id, *proof in self._of("entity_id, verified_at", "proof", span):
            batch[customer_id].proofs.append((proof[0], proof[1]))
        for (customer_id,) in self._of("", "factor", span):
            batch[customer_id].has_second_factor = True

    def _of(self, columns: str, table: str, span: tuple[int, int]) -> Iterator[Sequence[Any]]:
        """Yield rows of a table that belong to a span of accounts, each after the account's id."""
        yield from self._base.execute(
            f"SELECT customer_id{columns and ', '}{columns} FROM identity"  # noqa: S608  # nosec B608  # our own names
            f" JOIN {table} ON {table}.auth_identity_id = identity.id"
            " WHERE customer_id IN (SELECT id FROM account WHERE rowid > ? AND rowid <= ?)",
            span,
        )

    def _fill(
        self, into: str, source: Source, table: Table, read: Callable[[dict[str, str | None]], Row | None]
    ) -> None:
        many: list[Row] = []
        for row in source.rows(table):
            values = dict(zip(table.columns, row, strict=True))
            if values.pop("deleted_at", None):
                self.left_out[f"deleted rows of {table.name}"] += 1
            elif kept := read(values):
                many.append(kept)
            if len(many) == LOADED_AT_ONCE:
                self._insert(into, many)
                many = []
        if many:
            self._insert(into, many)

    def _insert(self, into: str, many: list[Row]) -> None:
        marks = ", ".join("?" * len(many[0]))
        try:
            self._base.executemany(f"INSERT INTO {into} VALUES ({marks})", many)  # noqa: S608  # nosec B608  # our own names
        except sqlite3.IntegrityError:
            raise SourceError("Two rows of auth_identity have the same id.") from None

    def _account(self, values: dict[str, str | None]) -> Row | None:
        if not _is_true(values["has_account"]):
            self.left_out["guests"] += 1
            return None
        contacts = (canonical(kind, values[kind.value]) for kind in IdentifierKind)
        return (*(values.get(name) for name in tables.CUSTOMER.columns), *contacts)


@contextmanager
def staged() -> Iterator[Staging]:
    """Yield a place for the accounts of a source, to be loaded; they are forgotten at the end.

    Raises:
        SourceError: there is too little room for them.
    """
    base = sqlite3.connect("", isolation_level=None)
    try:
        base.execute("PRAGMA journal_mode = OFF")
        yield Staging(base)
    except sqlite3.OperationalError as error:
        raise SourceError(f"The rows do not fit into the temporary folder: {error}.") from error
    finally:
        base.close()


def canonical(kind: IdentifierKind, text: str | None) -> str | None:
    """Return the canonical form of a contact under this project's settings; ``None`` if it is none, or a look-alike."""
    return assess(kind, text).value or None if text else None


def _account(row: Sequence[Any]) -> Account:
    _, *columns = row
    values = dict(zip(tables.CUSTOMER.columns, columns, strict=False))
    email, phone, *shared = columns[len(values) :]
    kinds = {kind for kind, is_shared in zip(IdentifierKind, shared, strict=True) if is_shared}
    return Account(values, email, phone, kinds)


def _identity(values: dict[str, str | None]) -> Row | None:
    """Read to which customer an identity leads: those of staff, and of sign-ups that broke off, lead to none."""
    customer_id = _text_in(values["app_metadata"], "customer_id")
    return (values["id"], customer_id) if customer_id else None


def _login(values: dict[str, str | None]) -> Row:
    password = _text_in(values["provider_metadata"], "password")
    return values["auth_identity_id"], values["provider"] or "", values["entity_id"] or "", password


def _proof(values: dict[str, str | None]) -> Row | None:
    proven = values["entity_id"] and values["verified_at"]
    return (values["auth_identity_id"], values["entity_id"], values["verified_at"]) if proven else None


def _factor(values: dict[str, str | None]) -> Row | None:
    return (values["auth_identity_id"],) if values["status"] == "enabled" else None


def _text_in(document: str | None, name: str) -> str | None:
    """Return a text of a JSON object; ``None`` if it is no object, or has none that can be stored."""
    try:
        value = json.loads(document or "null")
        text = value.get(name) if isinstance(value, dict) else None
        return text if isinstance(text, str) and text.encode() else None  # half a surrogate pair is no UTF-8
    except (ValueError, RecursionError):
        return None


def _is_true(text: str | None) -> bool:
    return text in ("t", "true")
