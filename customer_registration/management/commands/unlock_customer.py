"""Give somebody their guesses and sends anew, whom wrong codes of strangers keep from their own."""

from django.core.management.base import CommandError

from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows import unlocking
from customer_registration.management.customers import CustomerCommand
from customer_registration.models import Customer


class Command(CustomerCommand):
    """``manage.py unlock_customer CUSTOMER``."""

    help = "Forget the wrong codes and the sends that are counted against a customer."

    def handle_customer(self, customer: Customer) -> None:
        """Unlock, and say so."""
        try:
            unlocking.unlock(customer, by="unlock_customer")
        except LimiterUnavailable as error:
            raise CommandError("The limiter's store is down; try again.") from error
        self.stdout.write(f"{customer.pk} has every guess and send again.")
