"""Erase every account whose time has come, in batches that any number of workers may share.

Each batch is one transaction: requests are claimed, accounts erased and requests completed together, so a worker that
is killed leaves nothing half-done and the rows to whoever comes next.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, OperationalError, router, transaction
from django.db.models import F, ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.module_loading import import_string

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import DeletionStatus, ErasureStrategy, EventKind, IdentifierKind
from customer_registration.exceptions import ErasureVetoed
from customer_registration.flows.deletion import erasure
from customer_registration.flows.deletion.erasure import Account
from customer_registration.identifiers import mask, redact
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer
from customer_registration.models.account_deletion_request import ERROR_MAX_LENGTH, AccountDeletionRequestQuerySet
from customer_registration.models.integrity import atomically, lost_race
from customer_registration.users import staff_among

logger = logging.getLogger(__name__)

BATCH_SIZE = 1000
HOOK_BATCH_SIZE = 100
STAFF = "The user is staff by now."
_PATIENCE = 10  # batches in a row that lose a race
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Failure:
    """An account that stays, and why."""

    account: Account
    reason: str


@dataclass(slots=True)
class Tally:
    """What came of the accounts of a run or of a batch."""

    erased: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many accounts were tried."""
        return self.erased + len(self.failures)

    def add(self, other: "Tally") -> None:
        """Count another batch in."""
        self.erased += other.erased
        self.failures += other.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run over the accounts that are due when it begins: each is tried once.

    Args:
        strategy: for every account, unless the project's handler says otherwise; the setting's if not given.
        batch_size: accounts in a transaction.
        limit: accounts in all; none if not given.
        customer_id: the one customer it is about; everybody if not given.
        tell: is called after each batch with its tally.
        stopped: is asked before each batch whether to leave the rest to another run.
    """

    strategy: ErasureStrategy | None = None
    batch_size: int = BATCH_SIZE
    limit: int | None = None
    customer_id: str | None = None
    tell: Callable[[Tally], None] = lambda tally: None
    stopped: Callable[[], bool] = lambda: False
    cutoff: datetime = field(default_factory=timezone.now)

    def due(self) -> AccountDeletionRequestQuerySet:
        """Return the requests that it is about; what fails is due again after the cutoff, in the next run."""
        chosen = {} if self.customer_id is None else {"customer_ref": self.customer_id}
        return AccountDeletionRequest.objects.filter(due_at__lte=self.cutoff, **chosen)

    def work(self) -> Tally:
        """Erase batch after batch until none is free; several threads or processes may do so at once.

        Raises:
            OperationalError: the database is gone, or lost races ten times in a row. Whole batches are done or not.
        """
        tally, lost = Tally(), 0
        while (size := self._size(tally)) > 0 and not self.stopped():
            try:
                batch = atomically(lambda size=size: self._batch(size))  # type: ignore[misc]
            except OperationalError as error:
                lost += 1
                if not lost_race(error) or lost == _PATIENCE:
                    raise
                time.sleep(_PAUSE_SECONDS)
                continue
            if not batch.total:
                break
            lost = 0
            tally.add(batch)
            self.tell(batch)
        return tally

    def _size(self, tally: Tally) -> int:
        # A handler takes its time, and nobody is to wait for the rows of a thousand others.
        size = min(self.batch_size, HOOK_BATCH_SIZE) if _has_hooks() else self.batch_size
        return size if self.limit is None else min(size, self.limit - tally.total)

    def _batch(self, size: int) -> Tally:
        claimed = self.due().claim(size)
        customers = Customer.objects.using(router.db_for_write(Customer)).filter(pk__in=[ref for _, ref in claimed])
        users = dict(customers.values_list("pk", "user"))
        accounts = [Account(ref, users.get(ref), request_id, ref in users) for request_id, ref in claimed]
        staff = staff_among([user_id for user_id in users.values() if user_id is not None])
        failures = [Failure(account, STAFF) for account in accounts if account.user_id in staff]
        failures += self._erase([account for account in accounts if account.user_id not in staff])
        self._record(failures)
        return Tally(len(accounts) - len(failures), failures)

    def _erase(self, accounts: Sequence[Account]) -> list[Failure]:
        """Erase accounts together; one by one, if together they fail."""
        if not accounts:
            return []
        try:
            with transaction.atomic():
                return self._erase_together(accounts)
        except Exception as error:
            # MariaDB gives the whole transaction up for a deadlock.
            if _is_lost_race(error) or transaction.get_connection().needs_rollback:
                raise
            if len(accounts) == 1:
                return [Failure(accounts[0], _reason(accounts[0], error))]
        return [failure for account in accounts for failure in self._erase([account])]

    def _erase_together(self, accounts: Sequence[Account]) -> list[Failure]:
        now, failures = timezone.now(), []
        by_strategy: dict[ErasureStrategy, list[Account]] = {}
        held = self._requests(accounts)
        for account in accounts:
            try:
                strategy = self._prepare(held.get(account.request_id))
            except Exception as error:
                if _is_lost_race(error):
                    raise
                failures.append(Failure(account, _reason(account, error)))
            else:
                by_strategy.setdefault(strategy, []).append(account)
        for strategy, those in by_strategy.items():
            erasure.erase(those, strategy, now=now)
        return failures

    def _requests(self, accounts: Sequence[Account]) -> dict[str, AccountDeletionRequest]:
        """Load what the project's hooks are handed, if there are any hooks."""
        if not _has_hooks():
            return {}
        requests = AccountDeletionRequest.objects.using(router.db_for_write(AccountDeletionRequest))
        requests = requests.select_related("customer__user")
        return requests.in_bulk([account.request_id for account in accounts if account.exists])

    def _prepare(self, request: AccountDeletionRequest | None) -> ErasureStrategy:
        """Let the project erase its own data of an account, or refuse; return what becomes of ours."""
        chosen = config().account_deletion_request
        strategy = self.strategy or ErasureStrategy(chosen.strategy)
        if request is None or request.customer is None:
            return strategy
        with transaction.atomic():
            signals.account_about_to_be_erased.send(Customer, customer=request.customer, request=request)
            wanted = import_string(chosen.handler)(request.customer, request) if chosen.handler else None
            return ErasureStrategy(wanted) if wanted else strategy

    def _record(self, failures: Sequence[Failure]) -> None:
        """Write down why accounts stay; they are due again in the next run, or when their grace period is over."""
        for failure in failures:
            whose = failure.account.customer_id
            about = {"event": "erasure_failed", "customer_id": whose}
            logger.warning("The account of %s was not erased: %s", whose, failure.reason, extra=about)
            try:
                with transaction.atomic():
                    self._write_down(failure)
            except DatabaseError as error:  # a reason that the column does not take
                if _is_lost_race(error):
                    raise
                self._write_down(replace(failure, reason=type(error).__name__))

    def _write_down(self, failure: Failure) -> None:
        request = AccountDeletionRequest.objects.filter(pk=failure.account.request_id)
        said_before, scheduled_at = request.values_list("last_error", "scheduled_at").get()
        later = max(timezone.now(), self.cutoff + timedelta(microseconds=1))
        request.update(
            status=DeletionStatus.FAILED,
            due_at=max(later, scheduled_at) if scheduled_at else later,
            tries=F("tries") + 1,
            last_error=failure.reason,
        )
        customer = Customer.objects.filter(pk=failure.account.customer_id).first()
        if customer is not None and failure.reason != said_before:
            AccountEvent.of(EventKind.DELETION_FAILED, customer).save(force_insert=True)


def _has_hooks() -> bool:
    handler = config().account_deletion_request.handler
    return bool(handler) or signals.account_about_to_be_erased.has_listeners(Customer)


def _is_lost_race(error: Exception) -> bool:
    return isinstance(error, OperationalError) and lost_race(error)


def _reason(account: Account, error: Exception) -> str:
    """Return why an account stays, for staff to read: no contact, no text of the database's, which quotes the row."""
    if isinstance(error, ProtectedError):
        return _kept_by(error.protected_objects)
    if isinstance(error, RestrictedError):
        return _kept_by(error.restricted_objects)
    if isinstance(error, DatabaseError):
        return f"{type(error).__name__} of the database"
    said = str(error) if isinstance(error, ErasureVetoed) else f"{type(error).__name__}: {error}"
    customer = Customer.objects.filter(pk=account.customer_id).first()
    for contact in filter(None, map(customer.contact, IdentifierKind) if customer else ()):
        said = redact(said, contact.value, shown=mask(contact.value))
    storable = said.replace("\0", "").encode(errors="replace").decode()
    return storable[:ERROR_MAX_LENGTH] or type(error).__name__


def _kept_by(rows: Iterable[Any]) -> str:
    labels = sorted({row._meta.label for row in rows})
    return f"Rows of {', '.join(labels)} refer to it"[:ERROR_MAX_LENGTH]
