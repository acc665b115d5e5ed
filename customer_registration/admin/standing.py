"""Where a customer stands, in words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from customer_registration.admin import words
from customer_registration.enums import DeletionStatus
from customer_registration.models import AccountDeletionRequest, Customer


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands: what to call that, and whether it is well."""

    tone: str
    text: str

    def __str__(self) -> str:
        return words.badge(self.tone, self.text)


def with_erasure(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Load with each customer whether they were erased; `of` asks for it."""
    erased = AccountDeletionRequest.objects.filter(customer_ref=OuterRef("pk"), status=DeletionStatus.COMPLETED)
    return customers.annotate(is_erased=Exists(erased))


def of(customer: Any) -> Standing:
    """Return where a customer stands, who was read `with_erasure` and with the user."""
    if customer.is_erased:
        return Standing("plain", _("Erased"))
    if not (customer.email or customer.phone or customer.shadow_email or customer.shadow_phone):
        return Standing("plain", _("Closed"))
    if customer.deletion_scheduled_at:
        return Standing("bad", _("Leaving on %(day)s") % {"day": words.day(customer.deletion_scheduled_at)})
    if not customer.is_active:
        return Standing("bad", _("Deactivated"))
    if customer.is_staff:
        return Standing("plain", _("Staff"))
    if not customer.is_registered:
        return Standing("waiting", _("Not registered yet"))
    return Standing("good", _("Active"))
