"""Query strings of the routes under ``/admin``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from customer_registration.enums import DeletionStatus
from customer_registration.exceptions import InvalidData
from customer_registration.flows.deletion import search
from customer_registration.flows.storable import is_storable
from customer_registration.models import AccountDeletionRequest

LIMIT = 20
MAX_LIMIT = 100
MAX_OFFSET = 1_000_000
TEXT_MAX_LENGTH = 254
FILTERS = ("status", "customer_id", "q", "limit", "offset", "order")
ORDERS = ("created_at", "confirmed_at", "scheduled_at", "cancelled_at", "completed_at", "status", "id")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list."""

    limit: int
    offset: int


def deletion_requests(query: Mapping[str, Any], *, by: Any) -> tuple[QuerySet[AccountDeletionRequest], Page]:
    """Return the requests that a query string asks for, in its order, and the page of them.

    Args:
        query: the query string.
        by: the staff user; who may view customers' contacts may search by parts of them.

    Raises:
        InvalidData: an unknown filter, or a value out of range.
    """
    unknown = [name for name in query if name not in FILTERS]
    if unknown:
        raise InvalidData(f"Invalid request: Unrecognized fields: '{', '.join(unknown)}'")
    if not is_storable(dict(query.items())):
        raise InvalidData("Invalid request: The query cannot be read")
    found: QuerySet[AccountDeletionRequest] = AccountDeletionRequest.objects.all()
    if "status" in query:
        found = found.filter(status=_one_of("status", query["status"], DeletionStatus.values))
    if "customer_id" in query:
        found = found.filter(customer_ref=_short("customer_id", query["customer_id"]))
    if "q" in query:
        may_view = by.has_perm("customer_registration.view_accountdeletionrequest")
        found = search.among(found, _short("q", query["q"]), parts=may_view)
    order = query.get("order", "-created_at")
    _one_of("order", order.removeprefix("-"), ORDERS)
    page = Page(
        limit=_whole("limit", query.get("limit", str(LIMIT)), low=1, high=MAX_LIMIT),
        offset=_whole("offset", query.get("offset", "0"), low=0, high=MAX_OFFSET),
    )
    return found.order_by(order, "-pk" if order.startswith("-") else "pk"), page


def _one_of(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        wanted = " | ".join(f"'{choice}'" for choice in choices)
        raise InvalidData(f"Invalid request: Expected: {wanted} for field '{name}', but got: '{value[:100]}'")
    return value


def _short(name: str, value: str) -> str:
    if len(value) > TEXT_MAX_LENGTH:
        raise InvalidData(f"Invalid request: Value for field '{name}' too big, expected at most: '{TEXT_MAX_LENGTH}'")
    return value


def _whole(name: str, value: str, *, low: int, high: int) -> int:
    if not value.isascii() or not value.isdecimal():
        raise InvalidData(f"Invalid request: Expected type: 'number' for field '{name}', got: '{value[:100]}'")
    number = int(value[:20])
    if number < low:
        raise InvalidData(f"Invalid request: Value for field '{name}' too small, expected at least: '{low}'")
    if number > high:
        raise InvalidData(f"Invalid request: Value for field '{name}' too big, expected at most: '{high}'")
    return number
