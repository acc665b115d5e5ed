"""Print what is known of a person, for a request under GDPR Art. 15 or 20."""

import json

from django.core.serializers.json import DjangoJSONEncoder

from customer_registration.flows.deletion import export
from customer_registration.management.customers import CustomerCommand
from customer_registration.models import Customer


class Command(CustomerCommand):
    """``manage.py export_customer CUSTOMER``."""

    help = "Print a customer's data as JSON, the project's own included."

    def handle_customer(self, customer: Customer) -> None:
        """Print the JSON."""
        self.stdout.write(json.dumps(export.collect(customer), cls=DjangoJSONEncoder, indent=2))
