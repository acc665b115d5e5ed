"""Move the customers of a Medusa 2 shop in, with their ids, passwords and proofs."""

import csv
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import get_hashers
from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration.contrib.medusa.database import open_database
from customer_registration.contrib.medusa.files import Files
from customer_registration.contrib.medusa.hashers import MedusaScryptPasswordHasher
from customer_registration.contrib.medusa.moving import BATCH_SIZE, Found, Move, Tally
from customer_registration.contrib.medusa.staging import Staging, staged
from customer_registration.contrib.medusa.tables import Source, SourceError
from customer_registration.management.arguments import positive
from customer_registration.management.progress import progress
from customer_registration.management.tables import migrated

HASHER = f"{MedusaScryptPasswordHasher.__module__}.{MedusaScryptPasswordHasher.__qualname__}"


class Command(BaseCommand):
    """``manage.py import_medusa``, with ``--dry-run`` to see what it would do."""

    help = "Import the customers of a Medusa 2 shop. Those who are here already are left alone: it can be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--database", metavar="URL", help="Medusa's PostgreSQL database; it is only read.")
        source.add_argument("--csv", metavar="DIR", type=Path, help="A folder with customer.csv and the others.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would become of each; write nothing.")
        parser.add_argument(
            "--batch-size", type=positive, default=BATCH_SIZE, help=f"Customers in a transaction ({BATCH_SIZE})."
        )
        parser.add_argument(
            "--verified", action="store_true", help="Take the address that a customer logs in with there as proven."
        )
        parser.add_argument("--report", metavar="FILE", type=Path, help="Write every id that is reported, as CSV.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and sum up.

        Raises:
            CommandError: the source cannot be read, nobody could log in afterwards, or the app is not migrated.
        """
        self._check_hashers()
        move = Move(options["batch_size"], options["dry_run"], options["verified"])
        try:
            with migrated(), _report(options["report"]) as tell, staged() as staging:
                self._load(staging, options)
                self._run(move, staging, Tally(tell))
        except SourceError as error:
            raise CommandError(str(error)) from error

    def _check_hashers(self) -> None:
        hashers = get_hashers()
        if not any(isinstance(hasher, MedusaScryptPasswordHasher) for hasher in hashers):
            raise CommandError(f"No password of theirs would be known: put {HASHER} last in PASSWORD_HASHERS.")
        if isinstance(hashers[0], MedusaScryptPasswordHasher):
            raise CommandError(f"No password would be upgraded: put {HASHER} last in PASSWORD_HASHERS, not first.")

    def _load(self, staging: Staging, options: dict[str, Any]) -> None:
        """Read all of the source, and let it go before anything is written."""
        if options["csv"]:
            staging.load(self._told(Files(options["csv"])))
            return
        with open_database(options["database"]) as database:
            staging.load(self._told(database))

    def _told(self, source: Source) -> Source:
        for sentence in source.missing():
            self.stdout.write(sentence)
        return source

    def _run(self, move: Move, staging: Staging, tally: Tally) -> None:
        total, began = len(staging), time.monotonic()
        self.stdout.write(f"{total} customers have an account there.")
        for what, count in staging.left_out.items():
            if count:
                self.stdout.write(f"{count} {what} are left out.")
        with progress(self, total, unit="customers", lines=20) as advance:
            for count in move.work(staging, tally):
                advance(count)
        self._sum_up(move, tally, seconds=time.monotonic() - began)

    def _sum_up(self, move: Move, tally: Tally, *, seconds: float) -> None:
        rate = f", {tally.total / seconds:.0f} a second" if tally.total and seconds else ""
        done = "would be imported, nothing was written" if move.dry_run else "imported"
        self.stdout.write(f"{tally.moved} {done}, {tally.here} were here already; {seconds:.1f} s{rate}.")
        for kind, count in tally.proven.items():
            self.stdout.write(f"{count} of them with a proven {kind.label.lower()}.")
        for reason, found in tally.stayed.items():
            self._list(f"{found.count} stayed out: they {reason}.", found)
        for reason, found in tally.lost.items():
            self._list(f"{found.count} {reason}.", found)

    def _list(self, title: str, found: Found) -> None:
        self.stdout.write(title)
        for customer_id in found.first:
            self.stdout.write(f"  {customer_id}")
        if found.count > len(found.first):
            self.stdout.write(f"  ... and {found.count - len(found.first)} more; --report FILE names them all")


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[str, str], None]]:
    """Yield what writes a line of the report, if there is to be one; others cannot read it.

    Raises:
        CommandError: it is there already, or cannot be written.
    """
    if path is None:
        yield lambda *line: None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandError(f"The report cannot be written: {error.strerror}.") from error
    with open(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("customer", "told"))
        yield lambda *line: writer.writerow(line) and None
