"""Commands about one customer."""

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration.models import Customer


class CustomerCommand(BaseCommand, ABC):
    """``manage.py NAME ID``."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the argument."""
        parser.add_argument("customer_id", metavar="ID", help="cus_…")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the customer, and go on.

        Raises:
            CommandError: there is none.
        """
        customer = Customer.objects.select_related("user").filter(pk=options["customer_id"]).first()
        if customer is None:
            raise CommandError(f"There is no customer {options['customer_id']}.")
        self.handle_customer(customer)

    @abstractmethod
    def handle_customer(self, customer: Customer) -> None:
        """Do what the command is for.

        Args:
            customer: with the user loaded.
        """
