"""Change a password, or reset a forgotten one."""

from typing import Any

from customer_registration.client.call import Call, given, segment, success, text_or_none, under


def change_password(password: str, *, old_password: str | None = None) -> Call[str | None]:
    """Set another password, which ends every other session.

    Args:
        password: the new one.
        old_password: the one so far; left out only by customers who have none.

    Returns:
        A token, which the client remembers: the older one is dead. ``None`` where a login is needed.

    Raises:
        Unauthorized: the visitor is not logged in.
        StorefrontError: the old one is wrong (``wrong_password``), the new one refused (``password_rejected``), or
            the login too old to set a first one (``reauthentication_required``).
    """
    return Call(
        path="/store/customers/me/password",
        body=given(old_password=old_password, password=password),
        read=under("token", text_or_none),
        keep=lambda token: token,
    )


def request_password_reset(
    *,
    email: str | None = None,
    phone: str | None = None,
    email_or_phone: str | None = None,
    identifier: str | None = None,
    metadata: dict[str, Any] | None = None,
    provider: str = "emailpass",
) -> Call[None]:
    """Send a link to reset the password; known and unknown people are answered alike.

    Args:
        email: whose; or
        phone: whose; or
        email_or_phone: either, as typed into one field; or
        identifier: the same, by the name that Medusa's SDK has for it.
        metadata: the storefront's own.
        provider: ``emailpass``, which takes either, or ``phonepass``.

    Raises:
        Throttled: too many from here.
        StorefrontError: more or fewer than one identifier.
    """
    return Call(
        path=f"/auth/customer/{segment(provider)}/reset-password",
        body=given(email=email, phone=phone, email_or_phone=email_or_phone, identifier=identifier, metadata=metadata),
        read=_created,
        public=True,
        as_text=True,
    )


def complete_password_reset(
    *,
    password: str,
    token: str,
    email: str | None = None,
    phone: str | None = None,
    provider: str = "emailpass",
) -> Call[None]:
    """Set a new password with the token of the mailed link; every session of the person ends, and `login` is next.

    Args:
        password: the new one.
        token: the one in the link; good once.
        email: whose, if it is known: a token of somebody else is refused.
        phone: see ``email``.
        provider: the one that `request_password_reset` was sent to.

    Raises:
        Unauthorized: the token is forged, used, too old or superseded, or somebody else's.
        StorefrontError: the password is refused (``password_rejected``); the token stays good.
    """
    return Call(
        path=f"/auth/customer/{segment(provider)}/update",
        body=given(email=email, phone=phone, password=password),
        read=success,
        token=token,
    )


def _created(answer: str) -> None:
    if answer.strip() != "Created":
        raise ValueError("not created")
