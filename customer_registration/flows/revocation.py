"""End everybody's sessions at once: a key has leaked, or a server that holds tokens was broken into."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from customer_registration import signals
from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.customer_queryset import shadow_field
from customer_registration.models.inserts import insert_from
from customer_registration.models.integrity import atomically

BATCH_SIZE = 1000


def concerned() -> QuerySet[Customer]:
    """Return the customers who may have a session: a row without any contact was erased or closed, which ended them."""
    held = Q(pk__in=[])
    for kind in IdentifierKind:
        held |= Q(**{f"{kind.value}__isnull": False}) | Q(**{f"{shadow_field(kind)}__isnull": False})
    return Customer.objects.filter(held)


def end_everybodys(*, by: str, batch_size: int = BATCH_SIZE, tell: Callable[[int], None] = lambda ended: None) -> int:
    """End every session of every customer there is now, staff who are customers included; return of how many.

    A batch is one transaction: whoever breaks it off has ended those before, and may begin again.

    Args:
        by: who did it, for the audit trail.
        batch_size: customers in a transaction.
        tell: is told after each batch how many were ended by it.
    """
    now = timezone.now()
    last = Customer.objects.order_by("-pk").values_list("pk", flat=True).first()
    everybody = concerned().filter(pk__lte=last or "").order_by("pk").values_list("pk", flat=True)
    ended, after = 0, ""
    while ids := list(everybody.filter(pk__gt=after)[:batch_size]):
        batch = atomically(lambda ids=ids: _end(ids, by=by, now=now))  # type: ignore[misc]
        ended, after = ended + batch, ids[-1]
        tell(batch)
    return ended


def _end(ids: list[str], *, by: str, now: datetime) -> int:
    """End the sessions of a batch.

    Race: one of them is deleted meanwhile. The rows are held by the UPDATE, and events are made of those alone that are
    still there.
    """
    batch = Customer.objects.filter(pk__in=ids)
    ended = batch.update(token_epoch=F("token_epoch") + 1, updated_at=now)
    insert_from(
        AccountEvent,
        batch,
        kind=EventKind.SESSIONS_ENDED.value,
        customer=F("pk"),
        customer_ref=F("pk"),
        contact="",
        detail={"by": by},
        created_at=now,
    )
    if signals.sessions_ended.has_listeners(Customer):
        for customer in batch.select_related("user"):
            signals.send_on_commit(signals.sessions_ended, Customer, customer=customer)
    return ended
