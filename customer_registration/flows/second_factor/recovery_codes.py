"""Recovery codes as such: random, shown once, stored as keyed hashes, so that a leaked table opens nothing."""

from secrets import choice

from customer_registration import keys
from customer_registration.codes import ALPHABETS, normalize_code

GROUPS, GROUP_LENGTH = 3, 4  # 12 of 25 letters and digits without look-alikes: 55 bits


def generate(count: int) -> list[str]:
    """Return so many random codes, in three groups of four that can be read out."""
    made: dict[str, None] = {}
    while len(made) < count:
        groups = ("".join(choice(ALPHABETS["alphanumeric"]) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
        made["-".join(groups)] = None
    return list(made)


def hash_of(customer_id: str, code: str) -> str:
    """Return the hash that a code is stored as."""
    return hashes_of(customer_id, code)[0]


def hashes_of(customer_id: str, typed: str) -> list[str]:
    """Return the hashes that a typed code may be stored as: under each secret that still verifies, the present first.

    Letter case, spaces and hyphens do not matter.
    """
    return keys.keyed_hashes("recovery_codes", f"{customer_id}:{normalize_code(typed)}")
