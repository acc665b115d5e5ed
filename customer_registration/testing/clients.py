"""Clients that are logged in."""

from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from customer_registration.enums import Provider
from customer_registration.exceptions import VerificationRequired
from customer_registration.flows import gates
from customer_registration.models import Customer
from customer_registration.testing.environment import require_tests


class CustomerClient(APIClient):
    """REST framework's client with a customer's bearer token; call it with another customer for theirs.

    The login is one as any, through every gate, with a second factor shown where one is asked for. It speaks to every
    route of the app, and to views of the project that authenticate by ``BearerAuthentication``. For views that go by
    Django's own login there is ``force_login(client.customer.user)`` besides.

    Args:
        customer: who is logged in.
        options: of ``APIClient``.

    Raises:
        AccountInactive, AccountDeletionPending, VerificationRequired: they could not log in.
        NotATest: outside of tests.
    """

    def __init__(self, customer: Customer, **options: Any) -> None:
        require_tests()
        super().__init__(**options)
        self.customer = customer
        self.token = _log_in(customer)
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")

    def __call__(self, customer: Customer) -> "CustomerClient":
        """Return another client, with cookies of its own, that another customer is logged in to."""
        return type(self)(customer)


def _log_in(customer: Customer) -> str:
    now = timezone.now()
    provider = Provider.EMAILPASS if customer.email else Provider.PHONEPASS
    mfa_at = int(now.timestamp()) if gates.needs_second_factor(customer, provider) else None
    grant = gates.admit(customer, provider=provider, proven=None, now=now, mfa_at=mfa_at)
    if grant.verify_first:
        raise VerificationRequired(customer.pk, grant.verify_first)
    return grant.token
