"""The app of the shop's pages."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    """The pages that a shop's customers see."""

    name = "example_project.storefront"
