"""The shop as an app."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """A small shop."""

    name = "shop"

    def ready(self) -> None:
        """Listen to who signs up."""
        from shop import receivers  # noqa: F401
