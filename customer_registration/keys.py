"""Keys derived from Django's ``SECRET_KEY``, one salt a use, with ``SECRET_KEY_FALLBACKS`` for rotation."""

from django.conf import settings
from django.utils.crypto import salted_hmac


def secrets() -> list[str | bytes]:
    """Return the signing secret followed by the retired ones that still verify."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def keyed_hash(use: str, value: str) -> str:
    """Return 64 hex digits that stand for ``value`` where the value itself must not be stored.

    Args:
        use: what the hash is for; the same value hashes differently for each use.
        value: canonical text, such as an identifier or a customer id.
    """
    return keyed_hashes(use, value)[0]


def keyed_hashes(use: str, value: str) -> list[str]:
    """Return the `keyed_hash` of a value under each secret that still verifies, to find what was stored by an older."""
    salt = f"customer_registration.keys.{use}"
    return [salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest() for secret in secrets()]
