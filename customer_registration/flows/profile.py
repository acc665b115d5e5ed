"""The customer's own record: names and metadata."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customer_registration.exceptions import InvalidData, InvalidToken
from customer_registration.models import Customer
from customer_registration.models.integrity import atomically

METADATA_MAX_BYTES = 16_000


def update(customer: Customer, changes: dict[str, Any]) -> Customer:
    """Change what is given and return the customer as stored; nothing given, nothing written.

    Args:
        customer: whose.
        changes: names and ``company_name``, ``None`` to clear; ``metadata`` is merged key by key, ``""`` deletes a key
            and ``None`` clears them all.

    Raises:
        InvalidData: the metadata would take more than 16 kB.
        InvalidToken: the customer was erased meanwhile.
    """
    if changes.get("metadata") == {}:
        changes = {name: value for name, value in changes.items() if name != "metadata"}
    if not changes:
        return customer
    now = timezone.now()
    return atomically(lambda: _write(customer, changes, now=now))


def _write(customer: Customer, changes: dict[str, Any], *, now: datetime) -> Customer:
    # Under a lock: of two storefronts that merge a key each at once, neither may lose its own.
    stored = Customer.objects.select_for_update().filter(pk=customer.pk).first()
    if stored is None:
        raise InvalidToken
    values = dict(changes)
    if changes.get("metadata") is not None:
        values["metadata"] = merge(stored.metadata or {}, changes["metadata"])
    for name, value in values.items():
        setattr(stored, name, value)
    stored.updated_at = now
    stored.save(update_fields=[*values, "updated_at"])
    return stored


def merge(stored: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return ``stored`` with ``changes`` laid over it, one level deep; ``""`` deletes a key.

    Raises:
        InvalidData: the result is too large.
    """
    merged = {key: value for key, value in {**stored, **changes}.items() if changes.get(key) != ""}
    if metadata_size(merged) > METADATA_MAX_BYTES:
        raise InvalidData(
            f"Invalid request: Value for field 'metadata' too big, expected at most: '{METADATA_MAX_BYTES}'"
        )
    return merged


def metadata_size(metadata: dict[str, Any]) -> int:
    """Return how many bytes metadata takes as compact UTF-8 JSON, its numbers written out.

    PostgreSQL stores 1e308 as 309 digits, and gives them back.
    """
    compact, longer = json.dumps(metadata, ensure_ascii=False, separators=(",", ":")), []
    json.loads(compact, parse_float=lambda number: longer.append(len(format(Decimal(number), "f")) - len(number)))
    return len(compact.encode()) + sum(longer)
