"""Collect what is known of a person, as GDPR Art. 15 and 20 ask, before it is erased."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model

from customer_registration import signals
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
    RecoveryCode,
    SecondFactor,
)

__all__ = ["collect"]

# What JSON knows, and DjangoJSONEncoder beyond it.
_JSON = (str, int, float, bool, list, dict, date, time, timedelta, Decimal, type(None))
_SECRET = {"password", "nonce", "token_epoch", "identifiers_hash", "secret", "last_step", "enabled_key", "code_hash"}


def collect(customer: Customer) -> dict[str, Any]:
    """Return a person's data by the name of its source; `DjangoJSONEncoder` writes it.

    The project adds its own by a receiver of ``personal_data_requested``, which returns ``(name, data)``. A receiver
    that fails fails the export: one that silently lacks half is worse than none.

    Args:
        customer: with the user loaded.

    Raises:
        ValueError: two sources have one name.
    """
    data: dict[str, Any] = {
        "customer": _row(customer),
        "user": _row(customer.user) if customer.user else None,
        "codes": _rows(OtpVerification.objects.filter(customer=customer).order_by("pk")),
        "second_factors": _rows(SecondFactor.objects.filter(customer=customer).order_by("pk")),
        "recovery_codes": _rows(RecoveryCode.objects.filter(customer=customer).order_by("pk")),
        "events": _rows(AccountEvent.objects.filter(customer=customer).order_by("pk")),
        "messages": _rows(OutboxMessage.objects.filter(customer=customer).order_by("pk")),
        "deletion_requests": _rows(AccountDeletionRequest.objects.filter(customer=customer).order_by("pk")),
    }
    answers: list[tuple[Any, Any]] = signals.personal_data_requested.send(Customer, customer=customer)
    for name, own in (answer for _, answer in answers if answer is not None):
        if name in data:
            raise ValueError(f"Two sources of the export are called {name!r}.")
        data[name] = own
    return data


def _rows(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _row(row: Model) -> dict[str, Any]:
    """Return a row's values, less secrets and keys of other rows."""
    return {
        field.name: _plain(field.value_from_object(row))
        for field in row._meta.concrete_fields
        if field.name not in _SECRET and not field.is_relation
    }


def _plain(value: Any) -> Any:
    """Return a value that JSON knows, or its text."""
    return value if isinstance(value, _JSON) else str(value)
