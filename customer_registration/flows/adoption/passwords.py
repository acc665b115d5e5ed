"""Tell whose password no hasher of the project reads: to their owners, the right one would be wrong."""

from functools import cache

from django.conf import global_settings
from django.contrib.auth.hashers import identify_hasher, is_password_usable
from django.utils.module_loading import import_string

UNKNOWN = "an algorithm that is not Django's"


def unread_algorithm(encoded: str | None) -> str:
    """Return what hashed a password that no hasher of ``PASSWORD_HASHERS`` reads; "" if one does, or there is none.

    Args:
        encoded: as in the user's row. No part of it is returned, since it might be a password in plain text.
    """
    if not encoded or not is_password_usable(encoded):
        return ""
    try:
        identify_hasher(encoded)
    except ValueError:
        return next((name for name in _djangos() if encoded.startswith(f"{name}$")), UNKNOWN)
    return ""


def hasher_of(algorithm: str) -> str:
    """Return where the hasher of an algorithm is, as ``PASSWORD_HASHERS`` names it."""
    return _djangos().get(algorithm, "the hasher that made them")


@cache
def _djangos() -> dict[str, str]:
    return {import_string(path).algorithm: path for path in global_settings.PASSWORD_HASHERS}
