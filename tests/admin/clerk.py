"""A member of staff at the admin's pages of second factors."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

LIST = "admin:customer_registration_secondfactor_changelist"
PAGE = "admin:customer_registration_secondfactor_change"


class Clerk:
    """A member of staff in a browser; what is due on commit runs after each request."""

    def __init__(self, user: Any, commit: Callable[..., Any]) -> None:
        self.user, self.commit, self.client = user, commit, Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def listing(self, query: str = "") -> Any:
        """Open the list."""
        return self.client.get(f"{reverse(LIST)}{query}")

    def shown(self, text: str = "") -> list[str]:
        """Return the factors that a search finds."""
        return [row.pk for row in self.client.get(reverse(LIST), {"q": text}).context["cl"].result_list]

    def ask(self, *ids: str, **fields: str) -> Any:
        """Choose the action for some rows, and come to the page that asks, or wherever it leads."""
        with self.commit(execute=True):
            sent = {"action": "remove_lost", "_selected_action": ids, **fields}
            return self.client.post(reverse(LIST), sent, follow=True)

    def do(self, *ids: str, **fields: str) -> Any:
        """Say yes on the page that asks."""
        return self.ask(*ids, confirmed="yes", **fields)
