"""The errors of each route, with their statuses, types and codes, taken from the exceptions themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from customer_registration import exceptions
from customer_registration.api.errors import STATUS, GuardRefused
from customer_registration.api.schema.operations import Operation
from customer_registration.api.schema.security import COOKIE, NOBODY
from customer_registration.api.schema.words import closed
from customer_registration.exceptions import CustomerRegistrationError

LIMITED = (exceptions.Throttled, exceptions.LimiterUnavailable)
GATES = (exceptions.AccountDeletionPending, exceptions.VerificationRequired)
WRONG_CODE = (exceptions.InvalidCode, exceptions.CodeExpired, exceptions.CodeAttemptsExceeded)
WRONG_SECOND_FACTOR = (exceptions.InvalidSecondFactor, exceptions.SecondFactorAttemptsExceeded)

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_COUNT = {"type": "integer", "minimum": 0}
# Keys beside the envelope's: JSON schema, and whether it is always there.
_EXTRAS: dict[type, dict[str, tuple[dict[str, Any], bool]]] = {
    exceptions.InvalidCode: {"attempts_remaining": (_COUNT, False)},
    exceptions.InvalidSecondFactor: {"attempts_remaining": (_COUNT, False)},
    exceptions.AccountDeletionPending: {"scheduled_at": ({"type": "string", "format": "date-time"}, True)},
    exceptions.VerificationRequired: {
        "customer_id": ({"type": "string"}, True),
        "verification_type": (closed(("email_verification", "phone_verification")), True),
    },
}
# Messages of errors that say more than one thing; the first of each is as good an example as any.
_MESSAGES: dict[type, str] = {
    exceptions.InvalidData: "Invalid request: Field 'code' is required",
    exceptions.NotAllowed: "The actor type customer is not allowed to use the auth provider github",
    exceptions.Unauthorized: "Invalid email or password",
    exceptions.PasswordRejected: "Invalid request: This password is too common.",
    exceptions.CustomerExists: "Customer with this email already has an account",
}
_SAMPLES = {
    "attempts_remaining": 4,
    "scheduled_at": "2026-01-22T09:30:00.000Z",
    "customer_id": "cus_01KF0000000000000000000001",
    "verification_type": "email_verification",
}


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """An error as clients see it."""

    name: str
    status: int
    type: str | None
    code: str | None
    message: str
    meaning: str
    extras: dict[str, tuple[dict[str, Any], bool]] = field(default_factory=dict, hash=False)

    @property
    def label(self) -> str:
        """What a list of errors calls it by: its type and its code, as far as it has any."""
        names = " ".join(f"`{name}`" for name in (self.type, self.code) if name)
        return f"{names}: " if names else ""

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema: exactly these keys, so that each answer is one error's and no other's."""
        fixed = {"type": self.type, "code": self.code}
        properties: dict[str, Any] = {name: closed((value,)) for name, value in fixed.items() if value}
        properties["message"] = {"type": "string"}
        properties |= {name: shape for name, (shape, _) in self.extras.items()}
        sample = {name: value for name, value in fixed.items() if value} | {"message": self.message}
        return {
            "type": "object",
            "description": self.meaning,
            "properties": properties,
            "required": sorted({*properties} - {name for name, (_, always) in self.extras.items() if not always}),
            "additionalProperties": False,
            "example": sample | {name: _SAMPLES[name] for name in self.extras},
        }


def _of_the_door(name: str, status: int, kind: str, code: str, message: str, meaning: str) -> ErrorShape:
    return ErrorShape(name, status, kind, code, message, meaning)


GUARD = ErrorShape("GuardError", 401, None, None, "Unauthorized", "A token is missing, dead, or of no use here.")
INVALID_JSON = _of_the_door(
    "InvalidJsonError",
    400,
    "invalid_data",
    "invalid_json",
    "Invalid request: The body is not valid JSON",
    "The body is no JSON or holds what no database can store, or the query string has too many parameters.",
)
BODY_TOO_LARGE = _of_the_door(
    "BodyTooLargeError", 413, "invalid_data", "body_too_large", "The body is too large", "The body is over 100 kB."
)
UNSUPPORTED_MEDIA_TYPE = _of_the_door(
    "UnsupportedMediaTypeError",
    415,
    "unsupported_media_type",
    "unsupported_media_type",
    "The content type must be application/json",
    "The body is not sent as JSON.",
)
UNEXPECTED_STATE = _of_the_door(
    "UnexpectedStateError",
    500,
    "unexpected_state",
    "unexpected_state",
    "An unknown error occurred.",
    "A fault of the server, which is logged there.",
)
DATABASE_UNAVAILABLE = _of_the_door(
    "DatabaseUnavailableError",
    503,
    "unavailable",
    "database_unavailable",
    "Service temporarily unavailable",
    "The database does not answer; nothing has happened.",
)


def shape_of(error: type[Exception]) -> ErrorShape:
    """Return how an exception looks to clients; those that look alike share a shape.

    An exception with no code of its own cannot be told from its base by anything but its message.
    """
    if error is GuardRefused:
        return GUARD
    if not issubclass(error, CustomerRegistrationError):  # a slip in a description
        raise TypeError(f"{error} has no place in the contract")
    like = next(each for each in error.__mro__ if not {"type", "code"}.isdisjoint(vars(each)))
    return ErrorShape(
        name=f"{like.__name__}Error",
        status=STATUS[error.type],
        type=error.type,
        code=error.code,
        message=_MESSAGES.get(like, like.__dict__.get("message", error.message)),
        meaning=_first_line(like),
        extras=_EXTRAS.get(like, {}),
    )


def errors_of(operation: Operation, *, method: str, store: bool) -> dict[int, dict[ErrorShape, list[str]]]:
    """Return every error that a route may answer, by status, with what it may mean there.

    Args:
        operation: the route.
        method: the HTTP method, in capitals.
        store: whether it is one of those that may ask for a publishable key.
    """
    found: dict[int, dict[ErrorShape, list[str]]] = {}
    pairs = {*_raised(operation), *_of_every_route(operation, method, store)}
    for shape, meaning in sorted(pairs, key=lambda pair: (pair[0].status, pair[0].name, pair[1])):
        found.setdefault(shape.status, {}).setdefault(shape, []).append(meaning)
    return found


def _raised(operation: Operation) -> Iterator[tuple[ErrorShape, str]]:
    for error in operation.raises:
        shape = shape_of(error)
        yield shape, shape.meaning if error is GuardRefused else _first_line(error)


def _of_every_route(operation: Operation, method: str, store: bool) -> Iterator[tuple[ErrorShape, str]]:
    yield from (_own(INVALID_JSON), _own(UNEXPECTED_STATE), _own(DATABASE_UNAVAILABLE))
    if operation.request is not None:
        yield from (_own(shape_of(exceptions.InvalidData)), _own(UNSUPPORTED_MEDIA_TYPE))
    if method in UNSAFE:
        yield _own(BODY_TOO_LARGE)
    if operation.query is not None:
        yield _own(shape_of(exceptions.InvalidData))
    if store:
        yield shape_of(exceptions.NotAllowed), "The project asks for a publishable key, which is missing or unknown."
    if NOBODY not in operation.access:
        yield _own(GUARD)
    if (COOKIE in operation.access and method in UNSAFE) or operation.sets_cookie:
        yield _own(shape_of(exceptions.CrossSiteRequest))
    if operation.sets_cookie:
        yield _own(shape_of(exceptions.SessionsUnavailable))


def _own(shape: ErrorShape) -> tuple[ErrorShape, str]:
    return shape, shape.meaning


def _first_line(error: type) -> str:
    return (error.__doc__ or "").partition("\n")[0].replace("``", "`")
