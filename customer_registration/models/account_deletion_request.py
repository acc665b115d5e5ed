"""A customer's wish to leave, from the code that confirms it to the erasure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration import keys
from customer_registration.enums import DeletionStatus, ErasureStrategy, IdentifierKind
from customer_registration.languages import LANGUAGE_MAX_LENGTH
from customer_registration.models.customer import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH, ULID_LENGTH, new_ulid
from customer_registration.models.integrity import locked

CLIENT_MAX_LENGTH = 64
USER_AGENT_MAX_LENGTH = 255
ERROR_MAX_LENGTH = 500
ERASABLE = (DeletionStatus.CONFIRMED, DeletionStatus.FAILED)


class AccountDeletionRequestQuerySet(models.QuerySet["AccountDeletionRequest"]):
    """Open, close and claim requests. Whoever closes one holds its row: purge and cancellation exclude each other."""

    def ask(self, customer: Customer, *, now: datetime, **values: str) -> None:
        """Write a pending request, or renew the one there is.

        Raises:
            IntegrityError: the customer has a request that is further than that.
        """
        values["identifiers_hash"] = hash_of(customer)
        pending = self.filter(active_customer_id=customer.pk, status=DeletionStatus.PENDING)
        if not pending.update(**values, created_at=now):
            self.create(
                customer=customer,
                customer_ref=customer.pk,
                active_customer_id=customer.pk,
                created_at=now,
                **values,
            )

    def confirm(
        self, customer: Customer, *, now: datetime, scheduled_at: datetime, reminder_at: datetime | None
    ) -> bool:
        """Schedule a pending request; ``False`` if there is none."""
        pending = self.filter(active_customer_id=customer.pk, status=DeletionStatus.PENDING)
        return (
            pending.update(
                status=DeletionStatus.CONFIRMED,
                confirmed_at=now,
                scheduled_at=scheduled_at,
                due_at=scheduled_at,
                reminder_at=reminder_at,
                identifiers_hash=hash_of(customer),
            )
            == 1
        )

    def close(self, status: DeletionStatus, **values: Any) -> None:
        """Close these requests, whose rows are held."""
        self.update(status=status, due_at=None, reminder_at=None, active_customer_id=None, **values)

    def claim(self, size: int) -> list[tuple[str, str]]:
        """Lock those of these requests that have been due longest; return their ids with those of their customers.

        There are fewer than ``size`` only if no more are free.
        """
        return list(locked(self.order_by("due_at").values_list("pk", "customer_ref"))[:size])


class AccountDeletionRequest(models.Model):
    """One request. It outlives the customer: ``customer_ref`` and ``identifiers_hash`` say whose it was."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="deletion_requests", verbose_name=_("customer")
    )
    customer_ref = models.CharField(_("customer"), max_length=CUSTOMER_ID_LENGTH, db_index=True)
    identifiers_hash = models.CharField(
        _("hashes of the contacts"), max_length=129, blank=True, help_text=_("Keyed hashes of e-mail and phone.")
    )
    status = models.CharField(
        _("status"), max_length=16, choices=DeletionStatus.choices, default=DeletionStatus.PENDING
    )
    reason = models.TextField(_("reason"), blank=True)
    ip = models.CharField(_("IP address or network"), max_length=CLIENT_MAX_LENGTH, blank=True)
    user_agent = models.CharField(_("browser"), max_length=USER_AGENT_MAX_LENGTH, blank=True)
    language = models.CharField(
        _("language"), max_length=LANGUAGE_MAX_LENGTH, blank=True, help_text=_("Of the messages to come.")
    )
    created_at = models.DateTimeField(_("requested at"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    scheduled_at = models.DateTimeField(_("erasure due at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    completed_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    # When the purge looks at it next, and when a reminder goes out: null unless confirmed or failed. The purge finds
    # its work by one index, however many requests were closed before.
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminder_at = models.DateTimeField(null=True, blank=True, editable=False)
    strategy = models.CharField(_("strategy"), max_length=16, choices=ErasureStrategy.choices, blank=True)
    tries = models.PositiveIntegerField(_("failed tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=ERROR_MAX_LENGTH, blank=True)
    # The customer's id while the request is open, null once closed: unique, so a person has one open request at most.
    active_customer_id = models.CharField(max_length=CUSTOMER_ID_LENGTH, null=True, blank=True, editable=False)

    objects = AccountDeletionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("account deletion request")
        verbose_name_plural = _("account deletion requests")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["active_customer_id"], name="customer_registration_one_open_deletion_request"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "scheduled_at"], name="cr_deletion_status_due"),
            models.Index(fields=["due_at"], name="cr_deletion_due"),
            models.Index(fields=["reminder_at"], name="cr_deletion_reminder"),
            models.Index(fields=["created_at"], name="cr_deletion_created"),
        ]
        permissions: ClassVar = [
            ("cancel_accountdeletionrequest", "Can cancel account deletion requests"),
            ("postpone_accountdeletionrequest", "Can postpone account deletion requests"),
            ("erase_accountdeletionrequest", "Can erase accounts that asked for it"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_ref} ({self.status})"

    @property
    def is_open(self) -> bool:
        """Whether it may still be cancelled."""
        return self.active_customer_id is not None and self.customer_id is not None

    @property
    def is_erasable(self) -> bool:
        """Whether the owner has confirmed it and the account is still there."""
        return self.status in ERASABLE and self.customer_id is not None


def hash_of(customer: Customer) -> str:
    """Return what stands for a customer's identifiers when they are gone: a keyed hash of each."""
    held = filter(None, map(customer.contact, IdentifierKind))
    return " ".join(identifier_hash(contact.value) for contact in held)


def identifier_hash(value: str) -> str:
    """Return the keyed hash of one canonical identifier, by which support can find an erased person's request."""
    return keys.keyed_hash("deletion", value)


def next_reminder(scheduled_at: datetime, days_before: Iterable[int], *, now: datetime) -> datetime | None:
    """Return when the next reminder of a deletion is due.

    Args:
        scheduled_at: when the account will be erased.
        days_before: how many days before that a reminder goes out.
        now: reminders up to here are over, sent or missed.
    """
    moments = (scheduled_at - timedelta(days=days) for days in days_before)
    return min((moment for moment in moments if moment > now), default=None)
