"""Revocation that costs nothing: a claim compared with the row that every request reads anyway.

``<token_epoch>:<12 hex>``, where the hex is a keyed hash of the stored password hash. Raising the customer's counter
ends every session; so does a password set by any road, the shell and ``.update()`` included. Actors that are not
customers have the second half alone.
"""

from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from customer_registration import keys
from customer_registration.models import Customer

_SALT = "customer_registration.tokens.epoch"


def current_epoch(subject: Any) -> str:
    """Return the epoch that a token minted now for a customer, or for another actor's user, carries."""
    return _epoch(subject, keys.secrets()[0])


def epoch_matches(subject: Any, claim: object) -> bool:
    """Whether a token's epoch is still the one in force, under any signing secret that still verifies."""
    return isinstance(claim, str) and any(
        constant_time_compare(_epoch(subject, secret), claim) for secret in keys.secrets()
    )


def password_state(user: Any) -> str:
    """Return 12 hex digits that change whenever the stored password hash does."""
    return _password_state(user, keys.secrets()[0])


def password_state_matches(user: Any, claim: object) -> bool:
    """Whether the password is still the one that ``claim`` was made for, under any secret that still verifies."""
    return isinstance(claim, str) and any(
        constant_time_compare(_password_state(user, secret), claim) for secret in keys.secrets()
    )


def _epoch(subject: Any, secret: str | bytes) -> str:
    if isinstance(subject, Customer):
        return f"{subject.token_epoch}:{_password_state(subject.user, secret)}"
    return f":{_password_state(subject, secret)}"


def _password_state(user: Any, secret: str | bytes) -> str:
    password = user.password if user is not None else ""
    return salted_hmac(_SALT, password, secret=secret, algorithm="sha256").hexdigest()[:12]
