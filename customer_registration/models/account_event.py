"""The audit trail: changes of state, with masked contacts and no secrets. Rows are only ever added."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.identifiers import mask
from customer_registration.models.customer import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH


class AccountEvent(models.Model):
    """One thing that happened to one account."""

    kind = models.CharField(_("event"), max_length=48)
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="events", verbose_name=_("customer")
    )
    customer_ref = models.CharField(_("customer"), max_length=CUSTOMER_ID_LENGTH, db_index=True)
    contact = models.CharField(_("contact"), max_length=254, blank=True, help_text=_("Masked."))
    detail = models.JSONField(_("details"), default=dict, blank=True)
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("account events")
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
