"""The app of the pages that mailed links lead to."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    """The pages that mailed links lead to."""

    name = "example_project.links"
