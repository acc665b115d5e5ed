"""Register the app with Django: its system checks and its receivers."""

from django.apps import AppConfig


class CustomerRegistrationConfig(AppConfig):
    """Storefront accounts proven with one-time codes."""

    name = "customer_registration"
    verbose_name = "Customer registration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what must be connected before the first request."""
        from customer_registration import checks, receivers  # noqa: F401
