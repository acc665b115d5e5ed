"""The routes that a project mounts for its machines."""

from django.urls import path

from customer_registration.monitoring.health import HealthView

urlpatterns = [
    path("health", HealthView.as_view()),
    path("health-with-token", HealthView.as_view(token="of-the-probe", outbox_late_seconds=7200)),
]
