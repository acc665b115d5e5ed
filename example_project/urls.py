"""The API at the root, before the admin, with pages around it."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from example_project.errors import not_found

handler404 = "example_project.errors.not_found"

urlpatterns = [
    path("", include("customer_registration.urls")),
    path("django-admin/", admin.site.urls),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("example_project.storefront.urls")),
    path("", include("example_project.inbox.urls")),
    # With DEBUG on Django never asks handler404; storefronts are to see JSON all the same.
    re_path(r"^(admin|inbox)/.*$", not_found),
]
