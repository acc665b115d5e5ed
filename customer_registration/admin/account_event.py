"""Account events: the audit trail, in words. It is looked at alone."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customer_registration.admin import words
from customer_registration.admin.filters import KindFilter
from customer_registration.admin.of_customers import OfCustomersAdmin
from customer_registration.models import AccountEvent


@admin.register(AccountEvent)
class AccountEventAdmin(OfCustomersAdmin):
    """The list and the page of what happened. Contacts are masked in the rows themselves."""

    ref = "customer_ref"
    whole = {}
    list_display = ("happened", "who", "note", "about", "created_at", "whose")
    list_filter = (KindFilter, "created_at")
    show_full_result_count = False
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    sortable_by = ()
    fields = ("happened", "who", "note", "about", "of_customer", "created_at")

    @admin.display(description=_("what"))
    def happened(self, row: AccountEvent) -> str:
        """Return what happened."""
        return words.happened(row)

    @admin.display(description=_("who"))
    def who(self, row: Any) -> str:
        """Return who did it; the list has read the names of all its rows at once."""
        names = row.names if hasattr(row, "names") else words.names_of([row])
        return words.who(row, names)

    @admin.display(description=_("note"))
    def note(self, row: AccountEvent) -> str:
        """Return what else there is to say."""
        return words.note(row)

    @admin.display(description=_("contact"))
    def about(self, row: AccountEvent) -> str:
        """Return the contact that it is about, masked in the row itself."""
        return row.contact

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the names of staff for the whole page."""
        page = super().get_changelist_instance(request)
        names = words.names_of(page.result_list)
        for row in page.result_list:
            row.names = names
        return page
