"""Commands about one customer."""

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration.flows.support import search
from customer_registration.identifiers import mask
from customer_registration.models import Customer

WHO = "A customer's id (cus_…), e-mail address or phone number."


class CustomerCommand(BaseCommand, ABC):
    """``manage.py NAME CUSTOMER``."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the argument."""
        parser.add_argument("customer", metavar="CUSTOMER", help=WHO)

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the customer, and go on.

        Raises:
            CommandError: there is none.
        """
        self.handle_customer(find(options["customer"]))

    @abstractmethod
    def handle_customer(self, customer: Customer) -> None:
        """Do what the command is for.

        Args:
            customer: with the user loaded.
        """


def find(text: str) -> Customer:
    """Return the customer whom a text names in full, with the user loaded.

    Raises:
        CommandError: nobody is named so, or a number without its country is that of several.
    """
    found = search.named(text)
    if not found:
        raise CommandError(f"There is no customer {shown(text)}.")
    if len(found) > 1:
        raise CommandError(f"{shown(text)} is the number of {', '.join(each.pk for each in found)}: say which.")
    return found[0]


def shown(text: str) -> str:
    """Return what was asked for as a log may keep it: ids whole, contacts masked."""
    return text if text.startswith(("cus_", "authid_")) else mask(text.strip())
