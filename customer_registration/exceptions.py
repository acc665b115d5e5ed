"""Domain errors: what went wrong, in the words of the HTTP contract, with no HTTP in them.

``type`` is the contract's error type, ``code`` its stable machine name (``None`` where the reference protocol has
none), ``message`` an English constant that storefronts may match, ``extra`` further public keys. No error carries a
contact, a code or a token, so logging one is safe.
"""

from datetime import datetime
from typing import Any

from customer_registration.enums import IdentifierKind


class CustomerRegistrationError(Exception):
    """Base of every error that a flow raises on purpose."""

    type = "unexpected_state"
    code: str | None = None
    message = "An unknown error occurred."

    def __init__(self, message: str | None = None, **extra: Any) -> None:
        self.message = message or type(self).message
        self.extra = extra
        super().__init__(self.message)


class InvalidData(CustomerRegistrationError):
    """The request cannot be understood."""

    type = "invalid_data"
    message = "Invalid request"


class NotAllowed(CustomerRegistrationError):
    """The request is understood and refused."""

    type = "not_allowed"


class Unauthorized(CustomerRegistrationError):
    """The proof offered does not hold."""

    type = "unauthorized"
    message = "Unauthorized"


class Forbidden(CustomerRegistrationError):
    """The person is known and may not."""

    type = "forbidden"
    message = "Forbidden"


class NotFound(CustomerRegistrationError):
    """There is no such thing."""

    type = "not_found"
    code = "not_found"
    message = "Not found"


class Conflict(CustomerRegistrationError):
    """The state of things does not allow it any more."""

    type = "conflict"


class Duplicate(CustomerRegistrationError):
    """Somebody else holds the value."""

    type = "duplicate_error"


class Throttled(CustomerRegistrationError):
    """A limit or a resend throttle holds; ``retry_after`` is in whole seconds, at least 1.

    ``by_address``: the limit counts the client's address, whoever is asked about.
    """

    type = "too_many_requests"
    code = "throttled"
    message = "Too many requests"

    def __init__(self, retry_after: int, *, by_address: bool = False) -> None:
        self.retry_after = max(1, retry_after)
        self.by_address = by_address
        super().__init__()


class LimiterUnavailable(CustomerRegistrationError):
    """The limiter's store is down: routes that send or check fail closed."""

    type = "unavailable"
    code = "limiter_unavailable"
    message = "Service temporarily unavailable"
    retry_after = 5


# Identifiers and passwords


class InvalidIdentifier(InvalidData):
    """The text is no e-mail address or phone number."""

    def __init__(self, kind: IdentifierKind) -> None:
        self.kind = kind
        noun = "email address" if kind == IdentifierKind.EMAIL else "phone number"
        super().__init__(f"Invalid request: Invalid {noun}")


class PasswordRejected(InvalidData):
    """The project's password validators refuse the password."""

    code = "password_rejected"


class WrongPassword(Forbidden):
    """The old password is wrong, or missing where there is one."""

    code = "wrong_password"
    message = "The old password is wrong"


class ReauthenticationRequired(Forbidden):
    """The login is too old for what is asked."""

    code = "reauthentication_required"
    message = "Log in again to do this"


class StaffAccount(Forbidden):
    """The customer's user is staff, whose account no customer's road may change."""

    code = "staff_account"
    message = "Staff accounts cannot be changed here"


class StaffOnly(Forbidden):
    """The route is for staff, and the caller is a customer."""

    code = "staff_only"
    message = "Only staff may do this"


class InvalidCredentials(Unauthorized):
    """Unknown identifier, wrong password, inactive user, disallowed kind: one answer for all."""

    def __init__(self, kind: IdentifierKind) -> None:
        super().__init__(f"Invalid {kind.value} or password")


class IdentityExists(Unauthorized):
    """The identifier is registered already."""

    def __init__(self, kind: IdentifierKind) -> None:
        super().__init__(f"Identity with {kind.value} already exists")


class CustomerExists(Duplicate):
    """A customer holds the identifier already."""

    code = "invalid_request_error"

    def __init__(self, kind: IdentifierKind) -> None:
        super().__init__(f"Customer with this {kind.value} already has an account")


class ContactTaken(Conflict):
    """Somebody else has proven the contact since."""

    code = "contact_taken"
    message = "The contact belongs to another account by now"


class AlreadyCustomer(InvalidData):
    """The registration token's customer has been created already."""

    message = "Request already authenticated as a customer."


class ProviderNotAllowed(NotAllowed):
    """The actor type may not use the provider, or one of them does not exist."""

    def __init__(self, actor: str, provider: str) -> None:
        super().__init__(f"The actor type {actor} is not allowed to use the auth provider {provider}")


# Codes and tokens


class InvalidToken(Unauthorized):
    """Forged, foreign, expired or made for another purpose: never told apart."""

    message = "Invalid token"


class InvalidCode(InvalidData):
    """The code is wrong, used or superseded."""

    code = "otp_invalid"
    message = "Invalid code"


class CodeExpired(InvalidData):
    """The code's time is over."""

    code = "otp_expired"
    message = "The code has expired"


class ChannelUnavailable(NotAllowed):
    """No channel of the project reaches contacts of this kind."""

    code = "channel_unavailable"
    message = "No message can be sent to a contact of this kind"


class CodeAttemptsExceeded(InvalidData):
    """The code, or the person's family of codes, has had all its guesses."""

    code = "otp_attempts_exceeded"
    message = "Too many wrong codes"


class AlreadyVerified(NotAllowed):
    """The contact is proven already."""

    code = "already_verified"
    message = "The contact is already verified"


class CrossSiteRequest(Forbidden):
    """A page of another site sent the request: it may not use or set the session cookie."""

    code = "cross_site_request"
    message = "Cross-site requests cannot use the session cookie"


class SessionsUnavailable(NotAllowed):
    """The project has no session middleware."""

    code = "sessions_unavailable"
    message = "Cookie sessions are not enabled"


# Gates: proof was right, but no token with an actor is given


class GateClosed(Forbidden):
    """A gate on the road to a token is closed."""


class AccountInactive(GateClosed):
    """The user was deactivated; callers answer as for a person that does not exist."""

    code = "account_inactive"


class AccountDeletionPending(GateClosed):
    """The customer is in the grace period of an account deletion."""

    code = "account_deletion_pending"
    message = "The account is scheduled for deletion"

    def __init__(self, scheduled_at: datetime) -> None:
        super().__init__(scheduled_at=scheduled_at)


class VerificationRequired(GateClosed):
    """The identifier has not been proven yet."""

    code = "verification_required"
    message = "Verification is required before logging in"

    def __init__(self, customer_id: str, kind: IdentifierKind) -> None:
        super().__init__(customer_id=customer_id, verification_type=f"{kind.value}_verification")


class SecondFactorRequired(GateClosed):
    """A second factor is enrolled and has not been shown."""

    code = "mfa_required"
    message = "A second factor is required"


class ErasureVetoed(Exception):
    """Raised by a project's receiver or handler: the account stays, ``failed`` with this reason, until the next run.

    Args:
        reason: for staff to read; no personal data.
    """


class DeletionClosed(Conflict):
    """The request is cancelled or completed, or its erasure has begun."""

    code = "deletion_closed"
    message = "The deletion request is not open any more"
