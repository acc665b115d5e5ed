"""The resend throttle: it lives in the database, so it holds across processes with no Redis."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import ClassVar, NamedTuple, TypeVar

from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy as _

from customer_registration.exceptions import Throttled
from customer_registration.models.integrity import atomically, violates_unique
from customer_registration.models.prepared import Change, insert

Result = TypeVar("Result")


class Claim(NamedTuple):
    """A slot that was taken; ``first`` if nothing was ever sent under its key."""

    first: bool


_renewed = Change(
    lambda rows, key, until, now: rows.filter(key=key, last_sent_at__lte=until),
    lambda key, until, now: {"last_sent_at": now},
)


class SlotTaken(Exception):
    """Another send has opened the slot; what the transaction has written goes back."""


class SendSlotQuerySet(models.QuerySet["SendSlot"]):
    """Claim the right to send."""

    def holding(
        self,
        key: str,
        work: Callable[[Claim], Result],
        *,
        throttle: timedelta,
        now: datetime,
        expect_first: bool = False,
    ) -> Result:
        """Run ``work`` in a transaction that begins by taking the slot of ``key``.

        Race: two sends at once. Both would read an old ``last_sent_at``; one UPDATE, or one unique INSERT, matches. The
        loser of an INSERT begins anew: a savepoint for each would cost everybody two statements.

        Args:
            key: a keyed hash of purpose and person, who exists or does not.
            work: what to write once the slot is taken.
            throttle: how long the slot stays taken; zero takes it every time.
            now: the time of the flow.
            expect_first: leave the UPDATE out, where the person is new.

        Raises:
            Throttled: the slot is taken; says for how long.
        """

        def write() -> Result:
            renewed = not expect_first and self._renew(key, throttle=throttle, now=now)
            if not renewed:
                self._open(key, now=now)
            return work(Claim(first=not renewed))

        def write_again() -> Result:
            if not self._renew(key, throttle=throttle, now=now):
                raise self._throttled(key, throttle=throttle, now=now)
            return work(Claim(first=False))

        try:
            return atomically(write)
        except SlotTaken:
            if throttle and not expect_first:  # it was not free before, and is not now
                raise self._throttled(key, throttle=throttle, now=now) from None
        return atomically(write_again)

    def _renew(self, key: str, *, throttle: timedelta, now: datetime) -> bool:
        # Without a throttle everything that was ever sent is long enough ago.
        until = now - throttle if throttle else now.replace(year=9999, month=1, day=1)
        return _renewed.make(self, key, until, now) == 1

    def _open(self, key: str, *, now: datetime) -> None:
        try:
            insert(SendSlot(key=key, last_sent_at=now))
        except IntegrityError as error:
            if not violates_unique(error, SendSlot, "key"):
                raise
            raise SlotTaken from error

    def _throttled(self, key: str, *, throttle: timedelta, now: datetime) -> Throttled:
        # A snapshot older than the winner's commit does not show its row.
        last_sent_at = self.filter(key=key).values_list("last_sent_at", flat=True).first() or now
        return Throttled(ceil((last_sent_at + throttle - now).total_seconds()), rule="resend")


class SendSlot(models.Model):
    """When a message of a purpose was last sent to a person, known or not."""

    key = models.CharField(max_length=64)
    last_sent_at = models.DateTimeField(_("last sent at"))

    objects = SendSlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("resend throttle")
        verbose_name_plural = _("resend throttles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="customer_registration_send_slot_key"),
        ]
        indexes: ClassVar = [models.Index(fields=["last_sent_at"], name="cr_send_slot_last_sent")]

    def __str__(self) -> str:
        return f"slot {self.pk}"
