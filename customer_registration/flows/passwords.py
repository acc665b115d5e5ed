"""What every change of a password does, whatever road it came by."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.exceptions import InvalidToken, PasswordRejected
from customer_registration.flows import claims, notices
from customer_registration.messaging import queue
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.users import user_adapter


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


def validate_for(customer: Customer, password: str, *, now: datetime) -> None:
    """Ask them about the new password of somebody who has signed up, as `validate`.

    Where accounts are concealed validators see the contacts that the person sees. The Django user of a shadow lacks it,
    and a password like one's own address that is refused once and taken once would tell which address is held.
    """
    user = customer.user
    if config().conceals_accounts and user is not None:
        user = copy(user)
        for kind in IdentifierKind:
            if (field := user_adapter().field_for(kind)) and not customer.has_verified(kind):
                contact = claims.shown(customer, kind, now=now)
                setattr(user, field.name, contact.value if contact else "")
    validate(password, user)


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
