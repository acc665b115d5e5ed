"""Give somebody their guesses and sends anew, whom wrong codes of strangers keep from their own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows import unlocking
from customer_registration.models import Customer


class Command(BaseCommand):
    """``manage.py unlock_customer ID``."""

    help = "Forget the wrong codes and the sends that are counted against a customer."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the argument."""
        parser.add_argument("customer_id", metavar="ID", help="cus_…")

    def handle(self, *args: Any, **options: Any) -> None:
        """Unlock, and say so."""
        customer = Customer.objects.select_related("user").filter(pk=options["customer_id"]).first()
        if customer is None:
            raise CommandError(f"There is no customer {options['customer_id']}.")
        try:
            unlocking.unlock(customer, by="unlock_customer")
        except LimiterUnavailable as error:
            raise CommandError("The limiter's store is down; try again.") from error
        self.stdout.write(f"{customer.pk} has every guess and send again.")
