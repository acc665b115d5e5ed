"""Errors as JSON where an API client asks, as a page of the shop elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views import csrf

from example_project.storefront.views import NotFound, NotSent

API_PREFIXES = ("/auth/", "/store/", "/admin/", "/inbox/")


def not_found(request: HttpRequest, exception: Exception | None = None, **options: Any) -> HttpResponseBase:
    """Answer an unknown path."""
    if request.path.startswith(API_PREFIXES):
        return JsonResponse({"type": "not_found", "message": "Not found", "code": "not_found"}, status=404)
    return NotFound.as_view()(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a form that is refused; the admin's as Django does."""
    if request.path.startswith(reverse("admin:index")):
        return csrf.csrf_failure(request, reason)
    return NotSent.as_view()(request)
