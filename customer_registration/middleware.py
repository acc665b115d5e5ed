"""Give every request an id, which log records, tasks and the answer carry."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from customer_registration import request_ids
from customer_registration.conf import config

__all__ = ["RequestIdMiddleware"]


class RequestIdMiddleware:
    """Put it first in ``MIDDLEWARE``.

    An ``X-Request-ID`` that comes along is taken over only where a proxy of the shop's own stands before it
    (``RATE_LIMITS.TRUSTED_PROXIES``), and only if it is sane; else a new one is made. The answer carries it, so that
    whoever complains can say it.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Serve the request under its id."""
        if self.is_async:
            return self._serve(request)
        with request_ids.bound(_take(request)):
            return _marked(cast(HttpResponseBase, self.get_response(request)))

    async def _serve(self, request: HttpRequest) -> HttpResponseBase:
        with request_ids.bound(_take(request)):
            return _marked(await self.get_response(request))


def _take(request: HttpRequest) -> str:
    """Return the request's id, and keep it there: Django logs an error answer when this middleware is through."""
    given = request.headers.get(request_ids.HEADER, "")
    trusted = config().rate_limits.trusted_proxies > 0 and request_ids.is_sane(given)
    chosen = given if trusted else request_ids.new()
    request.request_id = chosen  # type: ignore[attr-defined]
    return chosen


def _marked(response: HttpResponseBase) -> HttpResponseBase:
    response.headers[request_ids.HEADER] = request_ids.current()
    return response
