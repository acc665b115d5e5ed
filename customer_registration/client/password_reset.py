"""Reset a password in two calls, without a client: the shape of the JavaScript functions of the same names."""

from typing import NotRequired, TypedDict

import httpx

from customer_registration.client.blocking import StorefrontClient


class ResetIdentifier(TypedDict, total=False):
    """Whose password: one of the two."""

    email: str
    phone: str


class NewPassword(TypedDict):
    """The new password, the token of the mailed link and, to be safe, whom it is for."""

    email: NotRequired[str]
    phone: NotRequired[str]
    password: str
    token: str


def request_password_reset(
    identifier: ResetIdentifier,
    *,
    base_url: str,
    publishable_api_key: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> None:
    """Send a link to reset the password; known and unknown people are answered alike.

    Args:
        identifier: ``{"email": …}`` or ``{"phone": …}``.
        base_url: of the shop.
        publishable_api_key: the shop's, if it has any.
        transport: of httpx, for tests.

    Raises:
        StorefrontError: it was refused, or nothing came back.
    """
    with StorefrontClient(base_url, publishable_api_key=publishable_api_key, transport=transport) as client:
        client.request_password_reset(**identifier)


def complete_password_reset(
    new_password: NewPassword,
    *,
    base_url: str,
    publishable_api_key: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> None:
    """Set a new password with the token of the mailed link; every session of the person ends.

    Args:
        new_password: ``{"password": …, "token": …}``, and ``email`` or ``phone`` if it is known.
        base_url: of the shop.
        publishable_api_key: the shop's, if it has any.
        transport: of httpx, for tests.

    Raises:
        Unauthorized: the token is forged, used, expired or superseded, or the identifier is somebody else's.
        StorefrontError: the password is refused (``code`` is ``password_rejected``) and the token stays good, or
            nothing came back.
    """
    with StorefrontClient(base_url, publishable_api_key=publishable_api_key, transport=transport) as client:
        client.complete_password_reset(**new_password)
