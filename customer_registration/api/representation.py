"""How things look on the wire."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.flows import claims
from customer_registration.models import AccountDeletionRequest, Customer

EXTRA_FIELDS: dict[str, Any] = {"orders": []}


def timestamp(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC with three millisecond digits and ``Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def customer_object(customer: Customer, *, fields: str | None = None) -> dict[str, Any]:
    """Return the customer object.

    Args:
        customer: whose.
        fields: the ``fields`` query parameter: plain names replace the default keys, ``+x``, ``-x`` and ``*x`` adjust
            them, unknown names are dropped; ``id`` is always there.
    """
    everything: dict[str, Any] = {
        "id": customer.pk,
        **{kind.value: _shown(customer, kind) for kind in IdentifierKind},
        "email_verified": customer.email_verified_at is not None,
        "phone_verified": customer.phone_verified_at is not None,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "company_name": customer.company_name,
        "has_account": customer.is_registered,
        "metadata": customer.metadata,
        "addresses": [],
        "created_at": timestamp(customer.created_at),
        "updated_at": timestamp(customer.updated_at),
        "deleted_at": None,
    }
    return everything if fields is None else _select(everything, fields)


def _shown(customer: Customer, kind: IdentifierKind) -> str | None:
    contact = claims.shown(customer, kind, now=timezone.now())
    return contact.value if contact else None


def deletion_object(request: AccountDeletionRequest) -> dict[str, Any]:
    """Return a deletion request as its owner sees it."""
    return {
        "id": request.pk,
        "customer_id": request.customer_ref,
        "status": request.status,
        "created_at": timestamp(request.created_at),
        "confirmed_at": timestamp(request.confirmed_at),
        "scheduled_at": timestamp(request.scheduled_at),
        "cancelled_at": timestamp(request.cancelled_at),
        "completed_at": timestamp(request.completed_at),
    }


def deletion_object_for_staff(request: AccountDeletionRequest) -> dict[str, Any]:
    """Return a deletion request as staff see it: contacts masked, and none once the account is erased."""
    customer = request.customer
    return {
        **deletion_object(request),
        "email": (customer.masked_contact(IdentifierKind.EMAIL) if customer else "") or None,
        "phone": (customer.masked_contact(IdentifierKind.PHONE) if customer else "") or None,
        "reason": request.reason or None,
        "strategy": request.strategy or None,
        "tries": request.tries,
        "last_error": request.last_error or None,
    }


def _select(everything: dict[str, Any], fields: str) -> dict[str, Any]:
    # An unescaped "+" arrives as a space.
    names = [f"+{name[1:]}" if name.startswith(" ") else name for name in fields.split(",")]
    replaces = any(not name.startswith(("+", "-", "*")) for name in names)
    chosen = set() if replaces else set(everything)
    for name in names:
        bare = name.lstrip("+-*").strip()
        if name.startswith("-"):
            chosen.discard(bare)
        else:
            chosen.add(bare)
    chosen.add("id")
    return {name: value for name, value in {**everything, **EXTRA_FIELDS}.items() if name in chosen}
