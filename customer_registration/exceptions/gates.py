"""Gates: the proof was right, but no token with an actor is given."""

from datetime import datetime

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions.base import Forbidden


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
