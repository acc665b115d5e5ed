"""Erase every account whose time has come, in batches that any number of workers may share.

Each batch is one transaction: requests are claimed, accounts erased and requests completed together, so a worker that
is killed leaves nothing half-done and the rows to whoever comes next.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F, ProtectedError, RestrictedError, prefetch_related_objects
from django.utils import timezone
from django.utils.module_loading import import_string

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import DeletionStatus, ErasureStrategy, EventKind, IdentifierKind
from customer_registration.exceptions import ErasureVetoed
from customer_registration.flows.deletion import erasure
from customer_registration.identifiers import mask
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer
from customer_registration.models.account_deletion_request import ERROR_MAX_LENGTH
from customer_registration.models.integrity import atomically, lost_race

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
STAFF = "The user is staff by now."
_PATIENCE = 10  # batches in a row that lose a race
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Failure:
    """An account that stays, and why."""

    customer_id: str
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
    """

    strategy: ErasureStrategy | None = None
    batch_size: int = BATCH_SIZE
    limit: int | None = None
    customer_id: str | None = None
    tell: Callable[[Tally], None] = lambda tally: None
    cutoff: datetime = field(default_factory=timezone.now)

    def due(self) -> Any:
        """Return the requests that it is about."""
        chosen = {} if self.customer_id is None else {"customer_ref": self.customer_id}
        return AccountDeletionRequest.objects.filter(due_at__lte=self.cutoff, **chosen)

    def work(self) -> Tally:
        """Erase batch after batch until none is free; several threads or processes may do so at once.

        Raises:
            OperationalError: the database is gone, or lost races ten times in a row. Whole batches are done or not.
        """
        tally, lost = Tally(), 0
        while (size := self._size(tally)) > 0:
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
        return self.batch_size if self.limit is None else min(self.batch_size, self.limit - tally.total)

    def _batch(self, size: int) -> Tally:
        requests = self.due().claim_due(cutoff=self.cutoff, size=size)
        prefetch_related_objects(requests, "customer__user")
        staff = [request for request in requests if request.customer is not None and request.customer.is_staff]
        failures = [Failure(request.customer_ref, STAFF) for request in staff]
        erasable = [request for request in requests if request not in staff]
        failures += self._erase(erasable)
        self._record(requests, failures)
        return Tally(len(requests) - len(failures), failures)

    def _erase(self, requests: Sequence[AccountDeletionRequest]) -> list[Failure]:
        """Erase accounts together; one by one, if together they fail."""
        try:
            with transaction.atomic():
                return self._erase_together(requests)
        except Exception as error:
            if isinstance(error, OperationalError) and lost_race(error):
                raise
            if len(requests) == 1:
                return [_failure(requests[0], error)]
        return [failure for request in requests for failure in self._erase([request])]

    def _erase_together(self, requests: Sequence[AccountDeletionRequest]) -> list[Failure]:
        now, failures = timezone.now(), []
        by_strategy: dict[ErasureStrategy, list[AccountDeletionRequest]] = {}
        for request in requests:
            try:
                strategy = self._prepare(request)
            except Exception as error:
                if isinstance(error, OperationalError) and lost_race(error):
                    raise
                failures.append(_failure(request, error))
            else:
                by_strategy.setdefault(strategy, []).append(request)
        for strategy, those in by_strategy.items():
            erasure.erase(those, strategy, now=now)
        return failures

    def _prepare(self, request: AccountDeletionRequest) -> ErasureStrategy:
        """Let the project erase its own data of an account, or refuse; return what becomes of ours."""
        chosen = config().account_deletion_request
        strategy = self.strategy or ErasureStrategy(chosen.strategy)
        about_to_be_erased = signals.account_about_to_be_erased
        if request.customer is None or not (chosen.handler or about_to_be_erased.has_listeners(Customer)):
            return strategy
        with transaction.atomic():
            about_to_be_erased.send(Customer, customer=request.customer, request=request)
            wanted = import_string(chosen.handler)(request.customer, request) if chosen.handler else None
            return ErasureStrategy(wanted) if wanted else strategy

    def _record(self, requests: Sequence[AccountDeletionRequest], failures: Sequence[Failure]) -> None:
        """Write down why accounts stay; they are due again in the next run."""
        by_customer = {request.customer_ref: request for request in requests}
        later = max(timezone.now(), self.cutoff + timedelta(microseconds=1))
        events = []
        for failure in failures:
            request = by_customer[failure.customer_id]
            AccountDeletionRequest.objects.filter(pk=request.pk).update(
                status=DeletionStatus.FAILED, due_at=later, tries=F("tries") + 1, last_error=failure.reason
            )
            if failure.reason != request.last_error and request.customer is not None:
                events.append(AccountEvent.of(EventKind.DELETION_FAILED, request.customer))
            logger.warning("The account of %s was not erased: %s", failure.customer_id, failure.reason)
        AccountEvent.objects.bulk_create(events)


def _failure(request: AccountDeletionRequest, error: Exception) -> Failure:
    return Failure(request.customer_ref, _reason(request, error)[:ERROR_MAX_LENGTH])


def _reason(request: AccountDeletionRequest, error: Exception) -> str:
    """Return why an account stays, for staff to read: no text of the database's, which quotes the row."""
    if isinstance(error, (ProtectedError, RestrictedError)):
        return str(error.args[0])
    if isinstance(error, DatabaseError):
        return f"{type(error).__name__} of the database"
    said = str(error) if isinstance(error, ErasureVetoed) else f"{type(error).__name__}: {error}"
    held = (request.customer.contact(kind) for kind in IdentifierKind) if request.customer else ()
    for contact in filter(None, held):
        said = said.replace(contact.value, mask(contact.value))
    return said
