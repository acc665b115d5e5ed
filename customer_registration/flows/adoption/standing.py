"""Look up what stands in the way of customers before they are written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import router

from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.flows import claims
from customer_registration.flows.adoption.outcomes import Hindrance, Reason
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.customer_queryset import CustomerQuerySet
from customer_registration.models.planning import planned_anew


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A claim that gives way to somebody who is taken in."""

    holder: Customer
    kind: IdentifierKind

    def is_still_held(self) -> bool:
        """Whether whoever claimed the contact has it."""
        value = getattr(self.holder, self.kind.value)
        return customers().filter(pk=self.holder.pk, **{self.kind.value: value}).exists()


@dataclass(slots=True)
class Standing:
    """What was found: by customer id, what hinders them, and the claims that give way to them."""

    hindered: dict[str, Hindrance] = field(default_factory=dict)
    lapsed: dict[str, list[Lapsed]] = field(default_factory=dict)

    def hinder(self, customer: Customer, hindrance: Hindrance) -> None:
        """Note the first thing that hinders a customer."""
        self.hindered.setdefault(customer.pk, hindrance)


def customers() -> CustomerQuerySet:
    """Return the customers as the database that is written to has them: a replica may not know the last batch yet."""
    return Customer.objects.using(router.db_for_write(Customer))


def of(batch: Sequence[Customer], *, now: datetime, ids: bool, users: bool) -> Standing:
    """Look up what stands in the way of each customer of a batch: a statement for each kind of thing.

    Args:
        batch: not saved.
        now: the time of the flow.
        ids: whether their ids may be there already.
        users: whether their users may have a customer, or be gone.
    """
    with planned_anew(router.db_for_write(Customer)):
        return _look(batch, now=now, ids=ids, users=users)


def _look(batch: Sequence[Customer], *, now: datetime, ids: bool, users: bool) -> Standing:
    found = Standing()
    for kind in IdentifierKind:
        _look_for_contacts(found, batch, kind, now=now)
    if ids:
        _look_for_ids(found, batch)
    if users:
        _look_for_users(found, batch)
    return found


def _look_for_contacts(found: Standing, batch: Sequence[Customer], kind: IdentifierKind, *, now: datetime) -> None:
    wanted = Counter(value for each in batch if (value := getattr(each, kind.value)))
    if not wanted:
        return
    holding = customers().filter(**{f"{kind.value}__in": list(wanted)}).select_related("user")
    holders: dict[str, Customer] = {getattr(holder, kind.value): holder for holder in holding}
    for each in batch:
        value = getattr(each, kind.value)
        if wanted.get(value, 0) > 1:
            found.hinder(each, Hindrance(Reason.DUPLICATE, kind))
        elif (holder := holders.get(value)) is None:
            continue
        elif holder.user_id is not None and holder.user_id == each.user_id:
            found.hinder(each, Hindrance(Reason.PRESENT, holder=holder.pk))
        elif claims.lapsed(holder, kind, now=now) and not holder.is_staff:
            found.lapsed.setdefault(each.pk, []).append(Lapsed(holder, kind))
        else:
            claimed = holder.claim_expires_at is not None and not holder.has_verified(kind)
            found.hinder(each, Hindrance(Reason.CLAIMED if claimed else Reason.HELD, kind, holder.pk))


def _look_for_ids(found: Standing, batch: Sequence[Customer]) -> None:
    wanted = [each.pk for each in batch]
    there = set(customers().filter(pk__in=wanted).values_list("pk", flat=True))
    events = AccountEvent.objects.using(router.db_for_write(AccountEvent))
    erasures = events.filter(kind=EventKind.ACCOUNT_ERASED, customer_ref__in=wanted)
    erased = set(erasures.values_list("customer_ref", flat=True))
    for each in batch:
        if each.pk in there:
            found.hindered[each.pk] = Hindrance(Reason.PRESENT, holder=each.pk)
        elif each.pk in erased:
            found.hindered[each.pk] = Hindrance(Reason.ERASED)


def _look_for_users(found: Standing, batch: Sequence[Customer]) -> None:
    wanted: list[Any] = [each.user_id for each in batch if each.user_id is not None]
    of_user = dict(customers().filter(user__in=wanted).values_list("user_id", "pk"))
    users = get_user_model()._base_manager.using(router.db_for_write(Customer)).filter(pk__in=wanted)
    there = set(users.values_list("pk", flat=True))
    for each in batch:
        if each.user_id in of_user:
            found.hindered[each.pk] = Hindrance(Reason.PRESENT, holder=of_user[each.user_id])
        elif each.user_id is not None and each.user_id not in there:
            found.hindered[each.pk] = Hindrance(Reason.GONE)
