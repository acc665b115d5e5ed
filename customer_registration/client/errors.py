"""Errors that the client raises. None shows a password, a token or a code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class StorefrontError(Exception):
    """Base of every error of the client; by itself, a refusal that has no class of its own.

    Attributes:
        message: the API's text, an English constant that storefronts may match.
        status: the HTTP status; ``None`` if no answer came.
        type: the API's error type, such as ``invalid_data``; ``None`` for the guard's "Unauthorized".
        code: the stable machine name, such as ``otp_expired``, where the error has one.
        extra: every further key of the answer.
        retry_after: seconds until it is worth trying again, if the answer says so.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        type: str | None = None,
        code: str | None = None,
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.extra = dict(extra or {})
        self.retry_after = retry_after
        super().__init__(message)

    def __str__(self) -> str:
        """Return the message, and what a log reader wants to know besides."""
        wait = None if self.retry_after is None else f"retry after {self.retry_after} s"
        details = [str(detail) for detail in (self.status, self.code or self.type, wait) if detail is not None]
        return f"{self.message} ({', '.join(details)})" if details else self.message

    def __repr__(self) -> str:
        """Return the class and the text; ``extra`` stays out."""
        return f"{self.__class__.__name__}({str(self)!r})"


class Unauthorized(StorefrontError):
    """Wrong credentials, or a token that is missing, dead or made for something else: log in again."""


class Throttled(StorefrontError):
    """A limit holds; ``retry_after`` says for how long."""


class VerificationRequired(StorefrontError):
    """The password is right and the address unproven: send a code, verify it, log in again."""

    @property
    def customer_id(self) -> str:
        """Whom `send_code` is to send to."""
        return str(self.extra.get("customer_id", ""))

    @property
    def verification_type(self) -> str:
        """What `send_code` is to verify: ``email_verification`` or ``phone_verification``."""
        return str(self.extra.get("verification_type", ""))


class AccountDeletionPending(StorefrontError):
    """The password is right and the customer is leaving: `request_deletion_cancellation` keeps the account."""

    @property
    def scheduled_at(self) -> datetime | None:
        """When the account will be erased."""
        said = self.extra.get("scheduled_at")
        return datetime.fromisoformat(said) if isinstance(said, str) else None


class CodeRefused(StorefrontError):
    """A one-time code is wrong (``otp_invalid``), too old (``otp_expired``) or out of guesses."""

    @property
    def attempts_remaining(self) -> int | None:
        """How many guesses are left, where the answer says so."""
        return self.extra.get("attempts_remaining")


class UnexpectedAnswer(StorefrontError):
    """The answer is not the API's: a proxy's page, another site, a server too old or too new."""


class Unreachable(StorefrontError):
    """No answer came. The text says whether the request may have been carried out; ``__cause__`` is httpx's error."""


BY_CODE: dict[str, type[StorefrontError]] = {
    "verification_required": VerificationRequired,
    "account_deletion_pending": AccountDeletionPending,
    "otp_invalid": CodeRefused,
    "otp_expired": CodeRefused,
    "otp_attempts_exceeded": CodeRefused,
}
BY_TEXT: dict[str, type[StorefrontError]] = {"OTP is invalid": CodeRefused}  # all that the two-step login says
BY_STATUS: dict[int, type[StorefrontError]] = {401: Unauthorized, 429: Throttled}
