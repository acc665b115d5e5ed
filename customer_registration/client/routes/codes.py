"""Prove an address: ``/store/customers/otp``, and the SDK's own ``/auth/verification``."""

from typing import Any

from customer_registration.client.call import Call, given, under
from customer_registration.client.results import Challenge, Confirmation, Verification, VerifiedContact


def send_code(customer_id: str, *, type: str) -> Call[Challenge]:
    """Send a code to a customer's e-mail or phone; an unknown id is answered alike.

    Args:
        customer_id: ``cus_…``, of `create_customer` or of the error `VerificationRequired`.
        type: ``email_verification`` or ``phone_verification``.

    Returns:
        The token that `verify_code` wants beside the code.

    Raises:
        Throttled: a code was sent a moment ago.
        StorefrontError: the address is proven already (``already_verified``).
    """
    return Call(
        path="/store/customers/otp/send",
        body={"customer_id": customer_id, "type": type},
        read=Challenge.read,
        public=True,
    )


def verify_code(token: str, *, code: str) -> Call[VerifiedContact]:
    """Bring a code back.

    Args:
        token: of `send_code`.
        code: as typed; spaces and hyphens do not matter.

    Returns:
        What is proven now, and a token if that is enough to be logged in; the client remembers it.

    Raises:
        CodeRefused: wrong, too old or out of guesses.
        Unauthorized: the token is not one of `send_code`.
    """
    return Call(
        path="/store/customers/otp/verify",
        body={"token": token, "code": code},
        read=VerifiedContact.read,
        public=True,
        keep=lambda verified: verified.token,
    )


def request_verification(
    entity_id: str, *, entity_type: str, code_provider: str | None = None, metadata: dict[str, Any] | None = None
) -> Call[Verification]:
    """Send a link or a code to the visitor's own address; nothing is sent if it is proven already.

    Args:
        entity_id: the address.
        entity_type: ``email`` or ``phone``.
        code_provider: ``token`` for a link, which is the default, or ``otp`` for a code.
        metadata: the storefront's own.

    Returns:
        The verification.

    Raises:
        Unauthorized: there is neither a login nor a registration token.
        Throttled: one was sent a moment ago.
        StorefrontError: the address is not the visitor's own.
    """
    body = given(entity_id=entity_id, entity_type=entity_type, code_provider=code_provider, metadata=metadata)
    return Call(path="/auth/verification/request", body=body, read=under("verification", Verification.read))


def confirm_verification(code: str, *, code_provider: str | None = None) -> Call[Confirmation]:
    """Bring a link's token back, which needs no login, or a code, which needs that of `request_verification`.

    Args:
        code: the token in the link, or the code as typed.
        code_provider: ``token`` or ``otp``; told apart by itself if left out.

    Returns:
        What is proven now; there is no token in it, so `refresh` or `login`.

    Raises:
        Unauthorized: a code without the login that asked for it.
        StorefrontError: it is wrong, used or too old.
    """
    body = given(code=code, code_provider=code_provider)
    return Call(path="/auth/verification/confirm", body=body, read=Confirmation.read)
