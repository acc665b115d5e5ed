"""Accounts whose grace period is over, written straight into the tables: HTTP limits how many sign up in an hour."""

import io
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone

from customer_registration.enums import DeletionStatus
from customer_registration.models import AccountDeletionRequest, Customer
from customer_registration.models.account_deletion_request import hash_of
from customer_registration.users import user_adapter


def customer_named(name: str, **fields: Any) -> Customer:
    """Save and return a customer with a user and a proven address; ``email`` and all else may be given."""
    now = timezone.now()
    values = {"email": f"{name}@example.com", "email_verified_at": now, "first_name": name.title(), **fields}
    customer = Customer(registered_at=now, **values)
    customer.user = user_adapter().create(customer, password=make_password("a password"))
    customer.save(force_insert=True)
    return customer


def due(name: str = "jane", *, days: float = 1, **fields: Any) -> AccountDeletionRequest:
    """Save somebody whose account was to be erased so many days ago, and return their request."""
    now = timezone.now()
    scheduled_at = now - timedelta(days=days)
    customer = customer_named(name, deletion_scheduled_at=scheduled_at, **fields)
    return AccountDeletionRequest.objects.create(
        customer=customer,
        customer_ref=customer.pk,
        active_customer_id=customer.pk,
        identifiers_hash=hash_of(customer),
        status=DeletionStatus.CONFIRMED,
        reason="They know why.",
        ip="192.0.2.7",
        user_agent="A browser",
        language="en",
        confirmed_at=scheduled_at - timedelta(days=7),
        scheduled_at=scheduled_at,
        due_at=scheduled_at,
    )


def everybody_due(count: int) -> list[AccountDeletionRequest]:
    """Save so many accounts that are due, the first one longest, and return their requests."""
    return [due(f"person{number}", days=count - number) for number in range(count)]


def make_staff(customer: Customer) -> None:
    """Let a customer's user become staff."""
    get_user_model().objects.filter(pk=customer.user_id).update(is_staff=True)


def purge(*arguments: str, command: str = "purge_accounts") -> str:
    """Run a command and return what it wrote."""
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def statuses(requests: list[AccountDeletionRequest]) -> list[str]:
    """Return where requests stand now, in the order given."""
    stored = dict(AccountDeletionRequest.objects.values_list("pk", "status"))
    return [stored[request.pk] for request in requests]


def is_emptied(request: AccountDeletionRequest) -> bool:
    """Whether a request's customer and user are there, with nothing in them."""
    customer = Customer.objects.select_related("user").get(pk=request.customer_ref)
    names = (customer.email, customer.phone, customer.first_name, customer.deletion_scheduled_at)
    user = customer.user
    return (
        not any(names)
        and user is not None
        and not user.is_active
        and not user.has_usable_password()
        and "@" not in (user.email or "")
    )
