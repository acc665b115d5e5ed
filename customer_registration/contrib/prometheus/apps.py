"""Register the app with Django."""

from django.apps import AppConfig


class PrometheusConfig(AppConfig):
    """Counts what the signals tell."""

    name = "customer_registration.contrib.prometheus"
    label = "customer_registration_prometheus"
    verbose_name = "Customer accounts: Prometheus"

    def ready(self) -> None:
        """Connect the counters."""
        from customer_registration.contrib.prometheus import receivers  # noqa: F401
