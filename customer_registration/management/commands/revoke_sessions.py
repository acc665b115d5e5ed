"""Log a customer out everywhere, or all of them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration.flows import revocation, sessions
from customer_registration.management.arguments import positive
from customer_registration.management.customers import WHO, find

NAME = "revoke_sessions"


class Command(BaseCommand):
    """``manage.py revoke_sessions CUSTOMER``, or ``--all``."""

    help = "End every session of a customer, bearer tokens and cookies alike, or those of all customers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("customer", metavar="CUSTOMER", nargs="?", help=WHO)
        parser.add_argument("--all", action="store_true", dest="everybody", help="Those of every customer.")
        parser.add_argument("--yes", action="store_true", help="With --all: do not ask.")
        size = revocation.BATCH_SIZE
        parser.add_argument("--batch-size", type=positive, default=size, help=f"Customers in a transaction ({size}).")

    def handle(self, *args: Any, **options: Any) -> None:
        """End them, and say how many customers' they were.

        Raises:
            CommandError: nobody is named, or nobody said yes.
        """
        if bool(options["customer"]) == options["everybody"]:
            raise CommandError("Name a customer, or give --all.")
        if not options["everybody"]:
            customer = find(options["customer"])
            sessions.end_all_of(customer, by=NAME)
            self.stdout.write(f"{customer.pk} is logged out everywhere.")
            return
        if not options["yes"]:
            self._ask(revocation.concerned().count())
        ended = revocation.end_everybodys(by=NAME, batch_size=options["batch_size"], tell=self._tell())
        self.stdout.write(f"{_customers(ended)} logged out everywhere.")

    def _ask(self, count: int) -> None:
        try:
            answer = input(f"This logs {_customers(count)} out everywhere. Type yes to go on: ")
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise CommandError("Nothing was changed. Without a terminal give --yes.")

    def _tell(self) -> Any:
        done = 0

        def tell(ended: int) -> None:
            nonlocal done
            done += ended
            if self.stderr.isatty():
                self.stderr.write(f"{done} so far")

        return tell


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count} customers"
