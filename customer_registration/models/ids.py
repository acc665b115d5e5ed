"""Identifiers of rows: ULIDs, which sort by time and hold 80 random bits, so they can be public."""

from ulid import ULID

CUSTOMER_PREFIX = "cus_"
ULID_LENGTH = 26
CUSTOMER_ID_LENGTH = len(CUSTOMER_PREFIX) + ULID_LENGTH


def new_ulid() -> str:
    """Return a new 26-character ULID."""
    return str(ULID())


def new_customer_id() -> str:
    """Return a new customer id, ``cus_`` and a ULID."""
    return CUSTOMER_PREFIX + new_ulid()
