"""404 as JSON where an API client asks, as a page elsewhere."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found

API_PREFIXES = ("/auth/", "/store/", "/admin/", "/inbox/")


def not_found(request: HttpRequest, exception: Exception | None = None, **options: Any) -> HttpResponse:
    """Answer an unknown path."""
    if request.path.startswith(API_PREFIXES):
        return JsonResponse({"type": "not_found", "message": "Not found", "code": "not_found"}, status=404)
    return page_not_found(request, exception or Http404(), **options)
