"""Deliver the messages that wait in the outbox; for shops without Celery, run from cron."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from customer_registration import messaging


class Command(BaseCommand):
    """``manage.py deliver_messages [--limit N]``."""

    help = "Deliver the messages of the outbox whose time has come."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--limit", type=int, default=500, help="How many messages to try at most (default 500).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver and say how many were sent."""
        self.stdout.write(f"{messaging.deliver_due(limit=options['limit'])} sent")
