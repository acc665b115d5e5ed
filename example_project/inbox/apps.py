"""The inbox app."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Shows every message sent."""

    name = "example_project.inbox"
    label = "inbox"
