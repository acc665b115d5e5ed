"""Say whether messages leave and accounts that are due are erased; for cron, or a probe that runs commands."""

from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from customer_registration.flows.vitals import Finding, Thresholds, examine

HELP = {
    "outbox_late_seconds": "How long a message may have been due.",
    "outbox_broken_off": "How many messages may have been begun 3 times without leaving an error.",
    "outbox_retried": "How many messages a provider may have failed 3 times.",
    "outbox_given_up": "How many messages may have been given up within an hour.",
    "deletion_late_seconds": "How long an account may have been due for erasure.",
    "deletions_failed": "How many erasures may have failed.",
    "schedule_seconds": "How long ago beat or cron may have counted the insights.",
}


class Command(BaseCommand):
    """``manage.py check_health``."""

    help = (
        "Look at the database, the limiter's store, the outbox, due erasures and the schedule. Status 1 if one fails."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare an option for each threshold."""
        for field in fields(Thresholds):
            name = f"--{field.name.replace('_', '-')}"
            parser.add_argument(name, type=int, default=field.default, help=f"{HELP[field.name]} ({field.default})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a finding.

        Raises:
            CommandError: something is not well.
        """
        thresholds = Thresholds(**{field.name: options[field.name] for field in fields(Thresholds)})
        findings = examine(thresholds, now=timezone.now())
        for finding in findings:
            self.stdout.write(_spelled(finding))
        if failing := [finding.name for finding in findings if not finding.is_well]:
            raise CommandError(f"Not well: {', '.join(failing)}.")


def _spelled(finding: Finding) -> str:
    figure = "" if finding.value is None else f" {finding.value:.0f} (at most {finding.limit:.0f})"
    problem = f": {finding.problem}" if finding.problem else ""
    return f"{'ok' if finding.is_well else 'FAILS':<5} {finding.name}{figure}{problem}"
