"""``/auth/token`` and ``/auth/session``: keep a visitor logged in, and log them out."""

from typing import Any

from customer_registration.client.call import Call, success, under
from customer_registration.client.results import LoginResult


def refresh() -> Call[LoginResult]:
    """Renew the token; after `create_customer` the new one speaks for the customer.

    Returns:
        As `login`; the client remembers the token.

    Raises:
        Unauthorized: the token or cookie is dead: log in.
        VerificationRequired: the customer exists and their identifier is unproven.
    """
    return Call(path="/auth/token/refresh", read=LoginResult.read, keep=lambda result: result.token)


def open_session() -> Call[dict[str, Any]]:
    """Open a cookie session with the token. The client keeps the cookie, which then serves without the token.

    Returns:
        The token's claims.

    Raises:
        Unauthorized: the token is missing or dead.
    """
    return Call(path="/auth/session", read=under("user", dict))


def end_session() -> Call[None]:
    """End the cookie session. The token stays good: set ``token`` to ``None`` as well to be nobody again.

    Raises:
        Unauthorized: there is no session.
    """
    return Call(method="DELETE", path="/auth/session", read=success)


def log_out_everywhere() -> Call[None]:
    """End every session of the customer on every device; the client forgets its token, which is dead too.

    Raises:
        Unauthorized: the visitor is not logged in.
    """
    return Call(path="/store/customers/me/logout-all", read=success, forget=True)
