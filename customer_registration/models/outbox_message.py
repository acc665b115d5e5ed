"""Messages wait in a table, so that neither a broker nor a mail server can lose one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration.enums import OutboxState
from customer_registration.identifiers import EMAIL_MAX_LENGTH
from customer_registration.languages import LANGUAGE_MAX_LENGTH
from customer_registration.models.customer import Customer
from customer_registration.models.integrity import atomically, locked
from customer_registration.models.otp_verification import CHANNEL_MAX_LENGTH, OtpVerification


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    """Claim messages for delivery."""

    def due(self, now: datetime) -> "OutboxMessageQuerySet":
        """Return the messages that nobody holds and whose time has come."""
        return self.filter(state=OutboxState.QUEUED, next_attempt_at__lte=now)

    def claim(self, message_id: int, *, now: datetime, lease: timedelta) -> bool:
        """Hold a message for ``lease`` and count the try; ``False`` if another worker holds it.

        Race: the task and the beat sweep, or two workers, pick up the same row. One UPDATE matches. A worker that is
        killed mid-send leaves the row to whoever comes after the lease.
        """
        return self.due(now).filter(pk=message_id).update(next_attempt_at=now + lease, tries=F("tries") + 1) == 1

    def claim_oldest(self, size: int, *, until: datetime) -> list[int]:
        """Hold those of these due messages that have waited longest, and count the try; return their ids.

        Race: two sweeps, or a sweep and a task, pick up the same rows. They are locked as they are chosen, and whoever
        is at a row is passed by (`locked`); once this has committed they are no longer due.

        Args:
            size: how many at most. There are fewer only if no more are free.
            until: the end of the lease.
        """

        def claim() -> list[int]:
            ids = list(locked(self.order_by("next_attempt_at").values_list("pk", flat=True))[:size])
            self.model.objects.filter(pk__in=ids).update(next_attempt_at=until, tries=F("tries") + 1)
            return ids

        return atomically(claim)

    def release(self, ids: Iterable[int], *, until: datetime) -> None:
        """Give back what is held ``until`` then and was not tried; it is as due as when it was made."""
        held = self.filter(pk__in=ids, state=OutboxState.QUEUED, next_attempt_at=until)
        held.update(next_attempt_at=F("created_at"), tries=F("tries") - 1)

    def read(self, ids: Sequence[int]) -> list["OutboxMessage"]:
        """Return messages in the order of their ids, with all that they are written from, in one statement."""
        found = self.select_related("customer__user", "otp").in_bulk(ids)
        for message in found.values():
            if message.otp is not None and message.otp.customer_id == message.customer_id:
                message.otp.customer = message.customer  # one row, and nobody reads it twice
        return [found[each] for each in ids if each in found]


class OutboxMessage(models.Model):
    """One message: what to say, to whom, how often it was tried. It holds no code: the worker derives it."""

    kind = models.CharField(_("message"), max_length=48)
    channel = models.CharField(_("channel"), max_length=CHANNEL_MAX_LENGTH)
    destination = models.CharField(_("sent to"), max_length=EMAIL_MAX_LENGTH, blank=True)
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    otp = models.ForeignKey(
        OtpVerification,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=_("one-time code"),
    )
    context = models.JSONField(default=dict, blank=True)
    language = models.CharField(_("language"), max_length=LANGUAGE_MAX_LENGTH, blank=True)
    state = models.CharField(_("state"), max_length=16, default=OutboxState.QUEUED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_attempt_at = models.DateTimeField(_("next try at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    # What stays for the insights when destination and code are gone: the ISO 3166-1 country of a phone number; and why
    # the message was not delivered or, once its code is cleared away, what became of that (enums.Outcome).
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    outcome = models.CharField(_("outcome"), max_length=16, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes: ClassVar = [
            models.Index(fields=["state", "next_attempt_at"], name="cr_outbox_due"),
            models.Index(fields=["created_at"], name="cr_outbox_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"
