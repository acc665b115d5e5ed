"""The API at the root, before the admin, with pages around it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from customer_registration.monitoring.health import HealthView
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
if settings.METRICS_TOKEN or settings.DEBUG:  # they are nobody else's business
    urlpatterns.append(path("health", HealthView.as_view(token=settings.METRICS_TOKEN)))
    if settings.METRICS:
        from customer_registration.contrib.prometheus.views import MetricsView

        urlpatterns.append(path("metrics", MetricsView.as_view(token=settings.METRICS_TOKEN)))
