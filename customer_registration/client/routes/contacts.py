"""``/store/customers/me/contact``: change an address, with a way back for its owner."""

from customer_registration.client.call import Call, given, success
from customer_registration.client.results import Challenge, ChangedContact


def change_contact(*, email: str | None = None, phone: str | None = None) -> Call[Challenge]:
    """Ask for another e-mail or phone; the code goes to the new one, and nothing changes before it is verified.

    Args:
        email: the new address; or
        phone: the new number.

    Returns:
        The token that `verify_contact` wants beside the code.

    Raises:
        Unauthorized: the visitor is not logged in.
        Throttled: a code was sent a moment ago.
        StorefrontError: both, neither, or malformed.
    """
    return Call(path="/store/customers/me/contact", body=given(email=email, phone=phone), read=Challenge.read)


def verify_contact(token: str, *, code: str) -> Call[ChangedContact]:
    """Bring the code back, which changes the contact and ends every other session.

    Args:
        token: of `change_contact`.
        code: as typed; spaces and hyphens do not matter.

    Returns:
        The customer as changed, and a token that the client remembers.

    Raises:
        CodeRefused: wrong, too old or out of guesses.
        Unauthorized: the visitor is not logged in, or the token is not theirs.
        StorefrontError: somebody else was faster (status 422).
    """
    return Call(
        path="/store/customers/me/contact/verify",
        body={"token": token, "code": code},
        read=ChangedContact.read,
        keep=lambda changed: changed.token,
    )


def undo_contact_change(token: str) -> Call[None]:
    """Take a contact change back, as the owner of the replaced contact; every session ends.

    Args:
        token: of the link that the old contact was sent.

    Raises:
        Unauthorized: it is forged, used or too old.
        StorefrontError: somebody else has proven the contact since (``contact_taken``).
    """
    return Call(path="/store/customers/contact/undo", body={"token": token}, read=success, public=True)
