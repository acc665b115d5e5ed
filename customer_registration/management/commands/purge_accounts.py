"""Erase the accounts whose grace period is over; for shops without Celery, run from cron."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from customer_registration.conf import config
from customer_registration.enums import ErasureStrategy
from customer_registration.flows.deletion import relations, reminders
from customer_registration.flows.deletion.executor import BATCH_SIZE, Run, Tally
from customer_registration.management.arguments import positive
from customer_registration.management.progress import progress
from customer_registration.models import AccountDeletionRequest, Customer
from customer_registration.users import staff_among

SHOWN_FAILURES = 20


class Command(BaseCommand):
    """``manage.py purge_accounts``, with ``--dry-run`` to see what it would do."""

    help = "Erase the accounts whose deletion is due. Status 1 if one of them failed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="Say what would be erased, by model.")
        parser.add_argument(
            "--batch-size", type=positive, default=BATCH_SIZE, help=f"Accounts in a transaction ({BATCH_SIZE})."
        )
        parser.add_argument("--limit", type=positive, help="How many accounts at most.")
        parser.add_argument(
            "--workers", type=positive, default=1, help="Threads, each with a connection of its own (1)."
        )
        parser.add_argument("--customer", metavar="ID", help="Only this customer's account, if it is due.")
        parser.add_argument(
            "--strategy",
            choices=ErasureStrategy.values,
            help="Instead of the setting's, unless HANDLER says otherwise.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, and sum up."""
        strategy = ErasureStrategy(options["strategy"]) if options["strategy"] else None
        run = Run(strategy=strategy, batch_size=options["batch_size"], customer_id=options["customer"])
        if options["customer"]:
            self._check(options["customer"], run)
        if options["dry_run"]:
            self._preview(run, options["limit"])
            return
        if not options["customer"] and (reminded := reminders.send_due()):
            self.stdout.write(f"{reminded} reminded of a deletion that is near.")
        due = run.due().count()
        began = time.monotonic()
        with progress(self, min(due, options["limit"] or due), unit="accounts") as advance:
            run = replace(run, tell=lambda batch: advance(batch.total))
            tally = self._work(run, options["workers"], options["limit"])
        self._sum_up(tally, seconds=time.monotonic() - began)

    def _check(self, customer_id: str, run: Run) -> None:
        """Say why there is nothing to do for a customer."""
        if run.due().exists():
            return
        if not Customer.objects.filter(pk=customer_id).exists():
            raise CommandError(f"There is no customer {customer_id}.")
        request = AccountDeletionRequest.objects.filter(active_customer_id=customer_id).first()
        if request is None:
            raise CommandError(f"{customer_id} has no open deletion request.")
        if request.scheduled_at is None:
            raise CommandError(f"The deletion request of {customer_id} has not been confirmed.")
        raise CommandError(f"The account of {customer_id} is not due before {request.scheduled_at.isoformat()}.")

    def _preview(self, run: Run, limit: int | None) -> None:
        strategy = run.strategy or ErasureStrategy(config().account_deletion_request.strategy)
        customers = Customer.objects.filter(pk__in=run.due().exclude(customer=None).values("customer"))
        if limit is not None:
            first = run.due().order_by("due_at").values_list("customer_ref", flat=True)[:limit]
            customers = customers.filter(pk__in=list(first))
        customers = customers.exclude(user__in=staff_among(customers.values("user")))
        due = customers.count()
        accounts = "1 account is" if due == 1 else f"{due} accounts are"
        self.stdout.write(f"{accounts} due; strategy {strategy.value}. Nothing was changed.")
        for line in relations.preview(customers, strategy):
            self.stdout.write(f"  {line.rows:>9} {line.model} {line.fate}")
        if config().account_deletion_request.handler:
            self.stdout.write("The project's HANDLER was not asked: it may do more, or choose another strategy.")

    def _work(self, run: Run, workers: int, limit: int | None) -> Tally:
        tally = Tally()
        shares = [limit] if limit is None else [limit // workers + (turn < limit % workers) for turn in range(workers)]
        runs = [replace(run, limit=share) for share in (shares * workers)[:workers] if share != 0]
        if len(runs) == 1:
            return runs[0].work()
        interrupted = Event()
        with ThreadPoolExecutor(len(runs)) as pool:
            working = [pool.submit(_in_thread, replace(each, stopped=interrupted.is_set)) for each in runs]
            try:
                for each in working:
                    tally.add(each.result())
            finally:  # Ctrl-C, or one that failed: the others end with the batch they are at
                interrupted.set()
        return tally

    def _sum_up(self, tally: Tally, *, seconds: float) -> None:
        for failure in tally.failures[:SHOWN_FAILURES]:
            self.stderr.write(f"{failure.account.customer_id}: {failure.reason}")
        if len(tally.failures) > SHOWN_FAILURES:
            self.stderr.write(f"... and {len(tally.failures) - SHOWN_FAILURES} more")
        rate = f", {tally.total / seconds:.0f} a second" if tally.total and seconds else ""
        self.stdout.write(f"{tally.erased} erased, {len(tally.failures)} failed in {seconds:.2f} s{rate}.")
        if tally.failures:
            stay = "1 account stays" if len(tally.failures) == 1 else f"{len(tally.failures)} accounts stay"
            raise CommandError(f"{stay}; the next run tries again.")


def _in_thread(run: Run) -> Tally:
    try:
        return run.work()
    finally:
        connection.close()
