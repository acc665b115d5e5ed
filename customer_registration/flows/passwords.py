"""What every change of a password does, whatever road it came by."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from customer_registration import signals
from customer_registration.enums import EventKind
from customer_registration.exceptions import InvalidToken, PasswordRejected
from customer_registration.flows import notices
from customer_registration.messaging import queue
from customer_registration.models import AccountEvent, Customer, OtpVerification


def validate(password: str, user: Any) -> None:
    """Ask the project's ``AUTH_PASSWORD_VALIDATORS``.

    Args:
        password: as typed.
        user: saved or not; validators compare the password with it.

    Raises:
        PasswordRejected: with their first three reasons, in English, as every API message.
    """
    with translation.override("en"):
        try:
            validate_password(password, user=user)
        except ValidationError as error:
            raise PasswordRejected("Invalid request: " + "; ".join(error.messages[:3])) from error


def has_password(customer: Customer) -> bool:
    """Whether the customer can log in with a password; a blank one is none (attack E11)."""
    user = customer.user
    return user is not None and bool(user.password) and user.has_usable_password()


def save_new(
    before: Customer,
    kind: EventKind,
    *,
    now: datetime,
    may_tell: Callable[[], bool] = lambda: True,
    detail: dict[str, Any] | None = None,
    values: dict[str, object] | None = None,
) -> Customer:
    """Save the password that has been set on the user, in the caller's transaction; return the customer as written.

    Every session and every live code ends with the old password (attacks D12, D13, E9); undo links stay. The person
    is told, where they can be reached.

    Args:
        before: the customer as read; ``user.set_password()`` has hashed the new one, outside the transaction.
        kind: how it was changed, for the audit trail.
        now: the time of the flow.
        may_tell: is asked, once the change is sure, whether the person is told.
        detail: for the audit trail.
        values: what changes on the customer's row with it.

    Raises:
        InvalidToken: the account's sessions were ended since ``before`` was read.
    """
    # Codes before the customer, the order in which verification locks them, so that the two cannot deadlock.
    OtpVerification.objects.retire_codes(before.pk, now=now)
    customer = Customer.objects.end_sessions(before, now=now, **(values or {}))
    if customer is None or customer.user is None:
        raise InvalidToken
    customer.user.save(update_fields=["password"])
    AccountEvent.of(kind, customer, **(detail or {})).save(force_insert=True)
    if (contact := customer.notice_contact) and may_tell():
        queue(notices.to(contact, "password_changed", customer, now=now))
    by_reset = kind == EventKind.PASSWORD_RESET
    signals.send_on_commit(signals.password_changed, Customer, customer=customer, by_reset=by_reset)
    return customer
