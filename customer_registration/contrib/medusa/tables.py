"""What is read of Medusa's tables, and the two roads to them."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

Row = tuple[str | None, ...]


class SourceError(Exception):
    """The source cannot be read; the message says why, and repeats no password, contact or part of a URL."""


class Table(NamedTuple):
    """A table of Medusa's.

    Args:
        name: in the database; its CSV file is called after it.
        needed: columns without which it is no table of Medusa 2.
        optional: columns that a plugin adds.
        without: what it means if the table is not there, which some versions, or some shops, lack; "" if none does.
    """

    name: str
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    without: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """All that is read, in the order of a `Row`."""
        return (*self.needed, *self.optional)


CUSTOMER = Table(
    "customer",
    (
        "id", "email", "has_account", "phone", "first_name", "last_name", "company_name", "metadata",
        "created_at", "updated_at", "deleted_at",
    ),
    ("email_verified", "phone_verified"),  # of the customer-registration plugin
)  # fmt: skip
AUTH_IDENTITY = Table("auth_identity", ("id", "app_metadata", "deleted_at"))
PROVIDER_IDENTITY = Table(
    "provider_identity", ("auth_identity_id", "provider", "entity_id", "provider_metadata", "deleted_at")
)
# From 2.16 on.
AUTH_VERIFICATION = Table(
    "auth_verification",
    ("auth_identity_id", "entity_id", "verified_at", "deleted_at"),
    without="what customers have proven to Medusa itself counts as unproven",
)
AUTH_MFA_FACTOR = Table(
    "auth_mfa_factor",
    ("auth_identity_id", "status", "deleted_at"),
    without="if people have second factors there, their passwords alone will let them in here",
)
TABLES = (CUSTOMER, AUTH_IDENTITY, PROVIDER_IDENTITY, AUTH_VERIFICATION, AUTH_MFA_FACTOR)


class Source(Protocol):
    """Where the rows come from. All values are text as PostgreSQL writes it: ``t`` or ``true``, JSON, ISO times."""

    def missing(self) -> list[str]:
        """Return a sentence on each table that some shops lack, and this source does."""

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of a table, never all at once; of a column that is not there ``None``.

        Raises:
            SourceError: they cannot be read.
        """
