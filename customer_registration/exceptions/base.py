"""The types of the HTTP contract, and what every flow may raise."""

from typing import Any


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
    """A limit or a resend throttle holds.

    ``retry_after`` is in whole seconds, at least 1. ``by_address``: the limit counts the client's address, whoever is
    asked about. ``rule``: a name of the table of rules, ``"resend"``, or ``"busy"`` where somebody else is at the same
    row.
    """

    type = "too_many_requests"
    code = "throttled"
    message = "Too many requests"

    def __init__(self, retry_after: int, *, by_address: bool = False, rule: str = "busy") -> None:
        self.retry_after = max(1, retry_after)
        self.by_address = by_address
        self.rule = rule
        super().__init__()


class LimiterUnavailable(CustomerRegistrationError):
    """The limiter's store is down: routes that send or check fail closed."""

    type = "unavailable"
    code = "limiter_unavailable"
    message = "Service temporarily unavailable"
    retry_after = 5
