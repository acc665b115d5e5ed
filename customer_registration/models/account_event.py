"""The audit trail: changes of state, with masked contacts and no secrets. Rows are only ever added."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.identifiers import mask
from customer_registration.models.customer import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH


class AccountEvent(models.Model):
    """One thing that happened to one account."""

    kind = models.CharField(max_length=48)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, blank=True, related_name="events")
    customer_ref = models.CharField(max_length=CUSTOMER_ID_LENGTH, db_index=True)
    contact = models.CharField(max_length=254, blank=True, help_text="Masked.")
    detail = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="cr_event_created")]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_ref}"

    @classmethod
    def of(
        cls, kind: EventKind, customer: Customer, *, contact: IdentifierKind | None = None, **detail: Any
    ) -> "AccountEvent":
        """Build an event, with the customer's contact of a kind masked; the caller saves it in its transaction."""
        claimed = customer.claimed(contact) if contact else None
        return cls(
            kind=kind,
            customer=customer,
            customer_ref=customer.pk,
            contact=mask(claimed.value) if claimed else "",
            detail=detail,
        )
