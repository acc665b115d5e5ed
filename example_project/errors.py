"""404 as JSON where an API client asks, as a page of the shop elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from example_project.storefront.views import NotFound

API_PREFIXES = ("/auth/", "/store/", "/admin/", "/inbox/")


def not_found(request: HttpRequest, exception: Exception | None = None, **options: Any) -> HttpResponseBase:
    """Answer an unknown path."""
    if request.path.startswith(API_PREFIXES):
        return JsonResponse({"type": "not_found", "message": "Not found", "code": "not_found"}, status=404)
    return NotFound.as_view()(request)
