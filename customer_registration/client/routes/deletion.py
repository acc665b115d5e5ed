"""``/store/customers/account-deletion``: leave for good, and change one's mind while there is time."""

from customer_registration.client.call import Call, given, under
from customer_registration.client.results import Challenge, DeletionRequest


def request_account_deletion(*, reason: str | None = None) -> Call[Challenge]:
    """Send the customer who is logged in a code; nothing happens to the account before it is brought back.

    Args:
        reason: why they leave, for the shop to read; at most 1000 characters, and gone with the account.

    Returns:
        The token that `confirm_account_deletion` wants beside the code.

    Raises:
        Unauthorized: the visitor is not logged in.
        Throttled: a code was sent a moment ago.
        StorefrontError: the account is staff's (``staff_account``).
    """
    return Call(path="/store/customers/account-deletion/request", body=given(reason=reason), read=Challenge.read)


def confirm_account_deletion(token: str, *, code: str) -> Call[DeletionRequest]:
    """Bring the code back, which ends every session and schedules the erasure; the client forgets its token.

    Args:
        token: of `request_account_deletion`.
        code: as typed; spaces and hyphens do not matter.

    Returns:
        The request; its ``scheduled_at`` says until when `request_deletion_cancellation` keeps the account.

    Raises:
        CodeRefused: wrong, too old or out of guesses.
        Unauthorized: the token is not one of `request_account_deletion`.
    """
    return Call(
        path="/store/customers/account-deletion/confirm",
        body={"token": token, "code": code},
        read=under("request", DeletionRequest.read),
        public=True,
        forget=True,
    )


def request_deletion_cancellation(
    *, email: str | None = None, phone: str | None = None, email_or_phone: str | None = None
) -> Call[Challenge]:
    """Send a code to somebody who is leaving and cannot log in; everybody else is answered alike.

    Args:
        email: whose; or
        phone: whose; or
        email_or_phone: either, as typed into one field.

    Returns:
        The token that `confirm_deletion_cancellation` wants beside the code.

    Raises:
        Throttled: a code was sent a moment ago.
        StorefrontError: more or fewer than one identifier.
    """
    return Call(
        path="/store/customers/account-deletion/cancel-request",
        body=given(email=email, phone=phone, email_or_phone=email_or_phone),
        read=Challenge.read,
        public=True,
    )


def confirm_deletion_cancellation(token: str, *, code: str) -> Call[DeletionRequest]:
    """Bring the code back, and the account stays; `login` is next.

    Args:
        token: of `request_deletion_cancellation`.
        code: as typed; spaces and hyphens do not matter.

    Returns:
        The request, cancelled.

    Raises:
        CodeRefused: wrong, too old or out of guesses, or the erasure was quicker.
        Unauthorized: the token is not one of `request_deletion_cancellation`.
    """
    return Call(
        path="/store/customers/account-deletion/cancel-confirm",
        body={"token": token, "code": code},
        read=under("request", DeletionRequest.read),
        public=True,
    )
