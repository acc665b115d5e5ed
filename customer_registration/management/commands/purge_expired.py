"""Clear away what has served; for shops without Celery, run from cron once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from customer_registration.flows import housekeeping
from customer_registration.management.arguments import positive


class Command(BaseCommand):
    """``manage.py purge_expired [--batch-size N]``."""

    help = "Delete expired codes, lapsed claims, delivered messages and old events."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        size = housekeeping.BATCH_SIZE
        parser.add_argument("--batch-size", type=positive, default=size, help=f"Rows in a transaction ({size}).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Clear away and say how many rows of each kind."""
        purged = housekeeping.purge(batch_size=options["batch_size"])
        self.stdout.write(", ".join(f"{count} {kind}" for kind, count in purged.items()))
