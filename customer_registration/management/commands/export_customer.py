"""Print what is known of a person, for a request under GDPR Art. 15 or 20."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from customer_registration.flows.deletion import export
from customer_registration.models import Customer


class Command(BaseCommand):
    """``manage.py export_customer ID``."""

    help = "Print a customer's data as JSON, the project's own included."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the argument."""
        parser.add_argument("customer_id", metavar="ID", help="cus_…")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the JSON."""
        customer = Customer.objects.select_related("user").filter(pk=options["customer_id"]).first()
        if customer is None:
            raise CommandError(f"There is no customer {options['customer_id']}.")
        self.stdout.write(json.dumps(export.collect(customer), cls=DjangoJSONEncoder, indent=2))
