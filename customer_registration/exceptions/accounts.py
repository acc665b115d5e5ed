"""Identifiers, passwords and whose account it is."""

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions.base import Conflict, Duplicate, Forbidden, InvalidData, NotAllowed, Unauthorized


class InvalidIdentifier(InvalidData):
    """The text is no e-mail address or phone number.

    Args:
        kind: what it was meant to be.
        reason: why, for operators who look through a table; no answer tells it.
    """

    def __init__(self, kind: IdentifierKind, reason: str = "") -> None:
        self.kind, self.reason = kind, reason
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


class ErasureVetoed(Exception):
    """Raised by a project's receiver or handler: the account stays, ``failed`` with this reason, until the next run.

    Args:
        reason: for staff to read; no personal data.
    """


class DeletionClosed(Conflict):
    """The request is cancelled or completed, or its erasure has begun."""

    code = "deletion_closed"
    message = "The deletion request is not open any more"
