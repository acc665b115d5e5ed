"""Second factors: looked at, never edited. One that its owner has lost can be taken away, confirmed and audited."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customer_registration.admin import words
from customer_registration.admin.base import action_of
from customer_registration.admin.factor_deeds import REMOVE_LOST
from customer_registration.admin.filters import ProviderFilter
from customer_registration.admin.of_customers import OfCustomersAdmin
from customer_registration.models import SecondFactor


@admin.register(SecondFactor)
class SecondFactorAdmin(OfCustomersAdmin):
    """The list and the action. What proves a factor is shown to nobody."""

    actions = ("remove_lost",)
    deeds = (REMOVE_LOST,)
    asked_about = ("of_customer", "contact", "kind", "status", "enabled_at")
    list_display = ("whose", "contact", "kind", "status", "enabled_at")
    show_full_result_count = False  # one count of a large table is enough
    list_filter = ("status", ProviderFilter)
    ordering = ("-id",)  # a ULID begins with its time: newest first, by an index
    fields = ("of_customer", "contact", "kind", "status", "created_at", "enabled_at", "updated_at")

    remove_lost = action_of(REMOVE_LOST, "remove")

    @admin.display(description=_("factor"))
    def kind(self, row: SecondFactor) -> str:
        """Return what the factor is."""
        return words.factor(row.provider)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Whether the user may take lost factors away."""
        return self.may(request, "remove")
