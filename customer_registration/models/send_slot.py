"""The resend throttle: it lives in the database, so it holds across processes with no Redis."""

from datetime import datetime, timedelta
from math import ceil
from typing import ClassVar, NamedTuple

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from customer_registration.exceptions import Throttled
from customer_registration.models.integrity import violates_unique


class Claim(NamedTuple):
    """A slot that was taken; ``first`` if nothing was ever sent under its key."""

    first: bool


class SendSlotQuerySet(models.QuerySet["SendSlot"]):
    """Claim the right to send."""

    def claim(self, key: str, *, throttle: timedelta, now: datetime, expect_first: bool = False) -> Claim:
        """Take the slot of ``key``, for people who exist and people who do not alike.

        Race: two sends at once. Both would read an old ``last_sent_at``; one UPDATE, or one unique INSERT, matches.

        Args:
            key: a keyed hash of purpose and person.
            throttle: how long the slot stays taken; zero takes it every time.
            now: the time of the flow.
            expect_first: try the INSERT before the UPDATE; saves a statement where the person is new.

        Raises:
            Throttled: the slot is taken; says for how long.
        """
        steps = [self._open, self._renew] if expect_first else [self._renew, self._open]
        if not throttle:
            steps.append(self._renew)  # the row that another send has just opened
        for step in steps:
            if claim := step(key, throttle=throttle, now=now):
                return claim
        # A snapshot older than the winner's commit does not show its row.
        last_sent_at = self.filter(key=key).values_list("last_sent_at", flat=True).first() or now
        raise Throttled(ceil((last_sent_at + throttle - now).total_seconds()), rule="resend")

    def _renew(self, key: str, *, throttle: timedelta, now: datetime) -> Claim | None:
        held = self.filter(key=key)
        free = held.filter(last_sent_at__lte=now - throttle) if throttle else held
        return Claim(first=False) if free.update(last_sent_at=now) else None

    def _open(self, key: str, *, throttle: timedelta, now: datetime) -> Claim | None:
        try:
            with transaction.atomic():
                self.create(key=key, last_sent_at=now)
        except IntegrityError as error:
            if not violates_unique(error, SendSlot, "key"):
                raise
            return None
        return Claim(first=True)


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
