"""What the shop's own people do, who need no HTTP for it: run a command, set an option."""

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.test.utils import override_settings

from example_project.settings import merged
from example_project.story.shop import Unexpected


class Backstage:
    """The process that the shop is served from."""

    def options(self, **changes: Any) -> override_settings:
        """Lay options over the project's for a block, for the server's threads too."""
        return override_settings(CUSTOMER_REGISTRATION=merged(settings.CUSTOMER_REGISTRATION, changes))

    def run(self, command: str, *arguments: str) -> str:
        """Run a command of ``manage.py`` and return what it printed, in one line.

        Raises:
            Unexpected: it failed.
        """
        printed = StringIO()
        try:
            call_command(command, *arguments, stdout=printed, stderr=printed)
        except CommandError as error:
            raise Unexpected(expected=f"manage.py {command} to succeed", came=f"{printed.getvalue()}{error}") from error
        return " · ".join(" ".join(line.split()) for line in printed.getvalue().splitlines())
