"""Turn errors into the envelope of the HTTP contract. Nothing below this layer knows HTTP."""

import logging
import traceback
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import UnreadablePostError
from rest_framework import exceptions as drf

from customer_registration import ratelimits
from customer_registration.api.representation import timestamp
from customer_registration.exceptions import CustomerRegistrationError, Throttled

logger = logging.getLogger(__name__)

STATUS = {
    "invalid_data": 400,
    "not_allowed": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "unsupported_media_type": 415,
    "duplicate_error": 422,
    "too_many_requests": 429,
    "unexpected_state": 500,
    "unavailable": 503,
}
RETRY_DATABASE_SECONDS = 5


class GuardRefused(drf.APIException):
    """The authentication guard refuses: ``{"message": "Unauthorized"}`` and nothing else, as the reference does.

    One of REST framework's, since a project's own views may use the guards too.
    """

    status_code = 401
    default_detail = {"message": "Unauthorized"}


class BodyTooLarge(Exception):
    """The body is over 100 kB."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """Status, body and headers of an error."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def answer_for(error: Exception, request: Any) -> ErrorAnswer:
    """Return the answer to an exception; what nobody foresaw is logged and told to Django as a 500 would be."""
    if isinstance(error, CustomerRegistrationError):
        return _domain(error)
    if isinstance(error, GuardRefused):
        return ErrorAnswer(401, {"message": "Unauthorized"})
    if isinstance(error, BodyTooLarge):
        return _plain("invalid_data", "The body is too large", "body_too_large", status=413)
    if isinstance(error, drf.MethodNotAllowed):
        return _plain("method_not_allowed", "Method not allowed", "method_not_allowed")
    if isinstance(error, drf.UnsupportedMediaType):
        return _plain("unsupported_media_type", "The content type must be application/json", "unsupported_media_type")
    if isinstance(error, (drf.ParseError, BadRequest, SuspiciousOperation, UnreadablePostError)):
        return _plain("invalid_data", "Invalid request: The body is not valid JSON", "invalid_json")
    if isinstance(error, (PermissionDenied, drf.PermissionDenied)):
        return _plain("forbidden", "Forbidden", "forbidden")
    if any(isinstance(each, (OperationalError, InterfaceError)) for each in _chain(error)):
        # Whatever became of it on its way: Django's sessions make an UpdateError of a connection that is lost.
        _log("The database failed at", error, request, event="database_failed")
        answer = _plain("unavailable", "Service temporarily unavailable", "database_unavailable")
        answer.headers["Retry-After"] = str(RETRY_DATABASE_SECONDS)
        return answer
    _log("Unexpected error at", error, request, event="unexpected_error")
    got_request_exception.send(sender=None, request=request)
    return _plain("unexpected_state", "An unknown error occurred.", "unexpected_state")


def _log(what: str, error: Exception, request: Any, *, event: str) -> None:
    """Log an error and where it happened, less the text of a database's, which quotes the row, contacts and all."""
    chain = _chain(error)
    about = {"event": event, "error": type(error).__name__}
    path = request.path.encode("unicode_escape").decode()  # or a line break in it would begin a line of its sender's
    if any(isinstance(each, DatabaseError) for each in chain):
        names = " from ".join(type(each).__name__ for each in chain)
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s %s: %s\n%s", what, path, names, where, extra=about)
    else:
        logger.error("%s %s: %s", what, path, type(error).__name__, exc_info=error, extra=about)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and those that it came from, the newest first."""
    chain = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) and before not in chain:
        chain.append(before)
    return chain


def _domain(error: CustomerRegistrationError) -> ErrorAnswer:
    if isinstance(error, Throttled):
        ratelimits.refusals.note(error.rule)
    body: dict[str, Any] = {"type": error.type, "message": error.message}
    if error.code:
        body["code"] = error.code
    for name, value in error.extra.items():
        body[name] = timestamp(value) if isinstance(value, datetime) else value
    retry_after = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return ErrorAnswer(STATUS[error.type], body, headers)


def _plain(kind: str, message: str, code: str, *, status: int | None = None) -> ErrorAnswer:
    return ErrorAnswer(status or STATUS[kind], {"type": kind, "message": message, "code": code})
