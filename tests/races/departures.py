"""Accounts whose grace period is over, written straight into the tables, and what became of them."""

from datetime import timedelta

from django.utils import timezone

from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification, OutboxMessage
from tests.conftest import new_user


def departures(count, *, prefix="leaver"):
    """Save accounts that are due for erasure, each with a code, a message and an event; return their ids in order."""
    now = timezone.now()
    past, due = now - timedelta(days=8), now - timedelta(hours=1)
    ids = []
    for number in range(count):
        email = f"{prefix}{number}@example.com"
        customer = Customer.objects.create(
            user=new_user(f"{prefix}{number}", email, **phone_of(number)),
            email=email,
            email_verified_at=past,
            first_name="Jane",
            registered_at=past,
            deletion_scheduled_at=due,
        )
        AccountDeletionRequest.objects.create(
            customer=customer,
            customer_ref=customer.pk,
            active_customer_id=customer.pk,
            status="confirmed",
            reason="I moved",
            confirmed_at=past,
            scheduled_at=due,
            due_at=due,
        )
        code = OtpVerification.objects.create(
            purpose="email_verification",
            channel="email",
            destination=email,
            customer=customer,
            max_attempts=5,
            expires_at=past,
        )
        OutboxMessage.objects.create(
            kind="email_verification", channel="email", destination=email, customer=customer, otp=code, state="sent"
        )
        AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=IdentifierKind.EMAIL).save()
        ids.append(customer.pk)
    return ids


def phone_of(number):
    """Return the fields that a user model with a phone of its own must have."""
    from django.contrib.auth import get_user_model

    return {"phone": f"+1202555{number:04}"} if get_user_model().USERNAME_FIELD == "phone" else {}


def fate_of(customer_id):
    """Return ``"erased"`` or ``"kept"``, if the account is wholly one of the two.

    Whole: the customer, the user, the request, codes, messages and events agree, and nothing happened twice.
    """
    customer = Customer.objects.select_related("user").get(pk=customer_id)
    request = AccountDeletionRequest.objects.get(customer_ref=customer_id)
    erased_events = AccountEvent.objects.filter(customer_ref=customer_id, kind="account_erased").count()
    facts = {
        "address": customer.email is None,
        "name": customer.first_name is None,
        "user": not customer.user.is_active,
        "password": not customer.user.has_usable_password(),
        "codes": not OtpVerification.objects.filter(customer=customer)
        .exclude(purpose="account_deletion_cancel")
        .exists(),
        "messages": not OutboxMessage.objects.filter(customer=customer, kind="email_verification").exists(),
        "events": not AccountEvent.objects.filter(customer=customer).exclude(contact="").exists(),
        "request": (request.status, request.reason, request.due_at) == ("completed", "", None),
        "audit": erased_events == 1,
    }
    if all(facts.values()):
        return "erased"
    assert not any(facts.values()), f"half-erased: {facts}, {erased_events} erasures"
    return "kept"
