"""A customer's wish to leave, from the code that confirms it to the erasure."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from customer_registration.enums import DeletionStatus
from customer_registration.models.customer import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH, ULID_LENGTH, new_ulid


class AccountDeletionRequest(models.Model):
    """One request. It outlives the customer: ``customer_ref`` and ``identifiers_hash`` say whose it was."""

    id = models.CharField(primary_key=True, max_length=ULID_LENGTH, default=new_ulid, editable=False)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, blank=True, related_name="deletion_requests")
    customer_ref = models.CharField(max_length=CUSTOMER_ID_LENGTH, db_index=True)
    identifiers_hash = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=16, default=DeletionStatus.PENDING)
    reason = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    strategy = models.CharField(max_length=16, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    # The customer's id while the request is open, null once closed: unique, so a person has one open request at most.
    active_customer_id = models.CharField(max_length=CUSTOMER_ID_LENGTH, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["active_customer_id"], name="customer_registration_one_open_deletion_request"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "scheduled_at"], name="cr_deletion_status_due")]

    def __str__(self) -> str:
        return f"{self.customer_ref} ({self.status})"
