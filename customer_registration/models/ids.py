"""Identifiers of rows: ULIDs, which sort by time. Those of customers hold 80 random bits, so they can be public."""

import secrets
import time

from ulid import ULID

CUSTOMER_PREFIX = "cus_"
ULID_LENGTH = 26
FACTOR_PREFIX = "authmfa_"
CUSTOMER_ID_LENGTH = len(CUSTOMER_PREFIX) + ULID_LENGTH
FACTOR_ID_LENGTH = len(FACTOR_PREFIX) + ULID_LENGTH


def new_ulid() -> str:
    """Return a new 26-character ULID; those of one process and millisecond may follow each other closely."""
    return str(ULID())


def new_customer_id() -> str:
    """Return a new customer id, ``cus_`` and a ULID that no neighbour's gives away."""
    milliseconds = time.time_ns() // 1_000_000
    return CUSTOMER_PREFIX + str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + secrets.token_bytes(10)))


def new_factor_id() -> str:
    """Return a new id of a second factor, ``authmfa_`` and a ULID."""
    return FACTOR_PREFIX + new_ulid()
