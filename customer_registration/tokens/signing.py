"""Sign and verify JWTs with our own key.

simplejwt's ``TokenBackend`` does the cryptography. Its ``Token`` classes are not used: they read the host's
``SIMPLE_JWT`` and mint a token when given none, and neither side may accept the other's tokens.
"""

from functools import cache
from typing import Any

from django.core.signals import setting_changed
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from customer_registration import keys
from customer_registration.conf import SETTING, config
from customer_registration.exceptions import InvalidToken

ALGORITHM = "HS256"
MAX_LENGTH = 4096
_SALT = "customer_registration.tokens"


def encode(payload: dict[str, Any]) -> str:
    """Sign ``payload`` with the newest key."""
    return str(_backends()[0].encode(payload))


def decode(token: object) -> dict[str, Any]:
    """Return the payload of a token signed with any key in force.

    Raises:
        InvalidToken: it is no string, too long, forged, expired, has no expiry, or names an issuer or an audience: ours
            never do, so it is of another service that a project's ``SIGNING_KEY`` is shared with (row D16).
    """
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token) <= MAX_LENGTH:
        raise InvalidToken
    for backend in _backends():
        try:
            payload: dict[str, Any] = backend.decode(token)  # type: ignore[arg-type]  # simplejwt says Token, takes text
        except TokenBackendError:
            continue
        if not isinstance(payload.get("exp"), int) or payload.keys() & {"iss", "aud"}:
            raise InvalidToken
        return payload
    raise InvalidToken


@cache
def _backends() -> tuple[TokenBackend, ...]:
    own = config().tokens.signing_key
    derived = [salted_hmac(_SALT, "", secret=secret, algorithm="sha256").hexdigest() for secret in keys.secrets()]
    return tuple(TokenBackend(ALGORITHM, signing_key=key) for key in ([own] if own else derived))


def _forget(*, setting: str, **_: Any) -> None:
    if setting in (SETTING, "SECRET_KEY", "SECRET_KEY_FALLBACKS"):
        _backends.cache_clear()


setting_changed.connect(_forget, dispatch_uid="customer_registration.tokens.signing")
