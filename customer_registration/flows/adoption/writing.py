"""Write customers who come from elsewhere, a batch in a transaction, and tell of each what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DataError, IntegrityError, OperationalError, connections, router
from django.db.models.signals import post_save, pre_save

from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.flows import claims
from customer_registration.flows.adoption import standing
from customer_registration.flows.adoption.outcomes import Hindrance, Outcome, Reason
from customer_registration.flows.adoption.standing import Standing
from customer_registration.models import AccountEvent, Customer
from customer_registration.models.integrity import atomically, begin_writing, lost_race

ROWS_A_STATEMENT = 1000  # of some twenty values each; PostgreSQL counts parameters in 16 bits
_INCORRECT_STRING = 1366  # MariaDB: a character that the column's character set does not have


class ProvenMeanwhile(IntegrityError):
    """A claim was to give way, and its contact has just been proven."""


def write(
    customers: Sequence[Customer],
    *,
    source: str,
    now: datetime,
    ids_from_elsewhere: bool = False,
    dry_run: bool = False,
) -> list[Outcome]:
    """Write customers in one transaction; where some cannot be written, the others are, and nobody is merged.

    Who has a contact that another customer holds is hindered, except by an unproven claim that has lapsed, which gives
    way (decision 8). What the looking up did not see, since somebody signed up or a second operator was quicker, the
    unique constraints do: then the batch is halved again and again until whoever is in the way stands alone.

    No message goes out and no signal is sent, except that of a claim that gave way. Each customer who is written is
    audited.

    Args:
        customers: not saved, with canonical contacts and ``claim_expires_at`` null. ``user`` is a saved user, or one
            that is not saved yet, with a password hash, which is saved in the same transaction; or ``user_id`` is set.
        source: what the audit event names, such as the command's name.
        now: the time of the flow.
        ids_from_elsewhere: the ids were not made just now, so that somebody with such an id may be there already.
        dry_run: only tell what would become of them.

    Returns:
        An outcome each, in the order of ``customers``.

    Raises:
        OperationalError: the database is gone. What was written before stays, and the rest can be written again.
    """
    batch = _Batch(source, now, dry_run, {each.pk: made for each in customers if (made := _NewUser.of(each))})
    hindered = batch.write(customers, ids=ids_from_elsewhere, users=False)
    return [Outcome(each, hindered.get(each.pk)) for each in customers]


@dataclass(frozen=True, slots=True)
class _NewUser:
    """A user who is to be saved, and what their key is until then."""

    user: Any
    key: Any

    @classmethod
    def of(cls, customer: Customer) -> "_NewUser | None":
        field = Customer._meta.get_field("user")
        user: Any = field.get_cached_value(customer, default=None)
        return cls(user, user.pk) if user is not None and user._state.adding else None

    def forget(self) -> None:
        """Be unsaved again, after a transaction that was rolled back."""
        self.user.pk = self.key
        self.user._state.adding = True


@dataclass(frozen=True, slots=True)
class _Batch:
    source: str
    now: datetime
    dry_run: bool
    new_users: dict[str, _NewUser]

    def write(self, customers: Sequence[Customer], *, ids: bool, users: bool) -> dict[str, Hindrance]:
        """Write those whom nothing hinders; return, by customer id, what hindered the others."""
        found = standing.of(customers, now=self.now, ids=ids, users=users)
        free = [each for each in customers if each.pk not in found.hindered]
        if self.dry_run or not free:
            return found.hindered
        try:
            atomically(lambda: self._insert(free, found))
        except (IntegrityError, DataError, UnicodeError, OperationalError) as error:
            self._forget(free)
            if not _is_about_a_row(error) and not (_is_lost_race(error) and len(free) > 1):
                raise
            return found.hindered | self._write_less(free, error, looked_at_all=ids and users)
        return found.hindered

    def _write_less(self, free: list[Customer], error: Exception, *, looked_at_all: bool) -> dict[str, Hindrance]:
        """Look again at everything, and if that has been done write the halves."""
        if not looked_at_all:
            return self.write(free, ids=True, users=True)
        if len(free) == 1:
            return {free[0].pk: Hindrance(Reason.REFUSED, detail=type(error).__name__)}
        half = len(free) // 2
        return self.write(free[:half], ids=True, users=True) | self.write(free[half:], ids=True, users=True)

    def _insert(self, customers: Sequence[Customer], found: Standing) -> None:
        self._forget(customers)  # what a try that lost a race has left on them
        begin_writing(Customer)
        events = [event for each in customers for event in self._released(each, found)]
        self._insert_users(customers)
        Customer.objects.bulk_create(customers, batch_size=ROWS_A_STATEMENT)
        events += map(self._adopted, customers)
        AccountEvent.objects.bulk_create(events, batch_size=ROWS_A_STATEMENT)

    def _released(self, customer: Customer, found: Standing) -> list[AccountEvent]:
        events = []
        for lapsed in found.lapsed.get(customer.pk, []):
            event = claims.release(lapsed.holder, lapsed.kind, now=self.now)
            if event is not None:
                events.append(event)
            elif lapsed.is_still_held():  # and not given up a moment ago, with another contact of the same claim
                raise ProvenMeanwhile
        return events

    def _insert_users(self, customers: Sequence[Customer]) -> None:
        news = [(each, self.new_users[each.pk].user) for each in customers if each.pk in self.new_users]
        if not news:
            return
        users = [user for _, user in news]
        if _may_be_inserted_together(get_user_model()):
            get_user_model()._base_manager.bulk_create(users, batch_size=ROWS_A_STATEMENT)
        else:
            for user in users:
                user.save(force_insert=True)
        for customer, user in news:
            customer.user = user  # with the key that the database gave

    def _adopted(self, customer: Customer) -> AccountEvent:
        held = [kind for kind in IdentifierKind if customer.contact(kind)]
        proven = [kind.value for kind in held if customer.has_verified(kind)]
        contact = held[0] if held else None
        event = AccountEvent.of(
            EventKind.CUSTOMER_ADOPTED, customer, contact=contact, source=self.source, proven=proven
        )
        event.created_at = self.now
        return event

    def _forget(self, customers: Sequence[Customer]) -> None:
        for each in customers:
            each._state.adding = True
            if made := self.new_users.get(each.pk):
                made.forget()
                each.user = made.user


def _may_be_inserted_together(model: type[Any]) -> bool:
    """Whether nobody would miss that ``save()`` is not called: neither the model, nor receivers of its signals.

    MySQL does not tell the keys of rows that are inserted together, as the others do.
    """
    tells_keys = connections[router.db_for_write(model)].features.can_return_rows_from_bulk_insert
    return (
        tells_keys
        and model.save is AbstractBaseUser.save
        and not model._meta.parents
        and not pre_save.has_listeners(model)
        and not post_save.has_listeners(model)
    )


def _is_about_a_row(error: Exception) -> bool:
    return not isinstance(error, OperationalError) or error.args[:1] == (_INCORRECT_STRING,)


def _is_lost_race(error: Exception) -> bool:
    return isinstance(error, OperationalError) and lost_race(error)
