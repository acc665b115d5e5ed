"""A view for machines of the shop's own."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseForbidden
from django.utils.crypto import constant_time_compare
from django.views import View


class PrivateView(View):
    """A view that may be told a token, without which it answers 403.

    It says nothing of anybody, and is not for everybody: mount it where only your own machines reach it, or give it a
    ``token`` that they send as ``Authorization: Bearer …``.
    """

    token: str = ""
    http_method_names = ["get", "head"]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, outside a host's ``ATOMIC_REQUESTS``: a database that is down must not answer for it."""
        return transaction.non_atomic_requests(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer whoever may ask; no cache keeps it."""
        given = request.headers.get("authorization", "").partition(" ")
        if self.token and not (given[0].lower() == "bearer" and constant_time_compare(given[2], self.token)):
            response: HttpResponseBase = HttpResponseForbidden()
        else:
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store, private"
        return response
