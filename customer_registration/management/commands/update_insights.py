"""Bring the figures of the insights page up to date; for shops without Celery, run from cron."""

from typing import Any

from django.core.management.base import BaseCommand

from customer_registration.flows.insights import rollup


class Command(BaseCommand):
    """``manage.py update_insights``."""

    help = "Count what the insights page in the admin shows: the days that may have changed since the last time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and say how many days."""
        self.stdout.write(f"{rollup.bring_up_to_date().counted} days counted")
