"""Register the app with Django: its system checks and its receivers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomerRegistrationConfig(AppConfig):
    """Storefront accounts proven with one-time codes."""

    name = "customer_registration"
    verbose_name = _("Customer accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what must be connected before the first request."""
        from customer_registration import checks, receivers  # noqa: F401
