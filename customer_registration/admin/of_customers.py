"""The base of pages whose rows belong to customers: how they are found, and whose they are."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from customer_registration.admin.base import ReadOnlyAdmin, sees_contacts, shown_contacts
from customer_registration.flows.support import search


class OfCustomersAdmin(ReadOnlyAdmin):
    """Rows that are found by their own id, and by whatever finds their customer.

    ``ref`` names the field that holds the customer's id, which outlives the customer.
    """

    ref = "customer_id"
    whole = {"contact": "whole_contact"}
    list_select_related = ("customer",)
    search_fields = ("pk",)  # `get_search_results` does the work; without a field there is no search box
    search_help_text = _(
        "The id of a customer, or how it begins; a name; an e-mail address or phone number, written in any way. "
        "Whoever may see whole contacts finds people by a part of one too."
    )

    @admin.display(description=_("contact"))
    def contact(self, row: Any) -> str:
        """Return the customer's masked e-mail and phone; nothing is left of them once the account is erased."""
        return shown_contacts(row.customer, whole=False)

    @admin.display(description=_("contact"))
    def whole_contact(self, row: Any) -> str:
        """Return the customer's e-mail and phone."""
        return shown_contacts(row.customer, whole=True)

    @admin.display(description=_("customer"))
    def whose(self, row: Any) -> str:
        """Return the customer's id."""
        return self.name_of(row)

    @admin.display(description=_("customer"))
    def of_customer(self, row: Any) -> str:
        """Return the customer's id, which leads to their page."""
        ref = self.name_of(row)
        page = self.page_of(row.customer)
        return format_html('<a class="cr-link" href="{}">{}</a>', page, ref) if page and ref else ref

    def name_of(self, row: Any) -> str:
        """Return whose row it is."""
        return getattr(row, self.ref) or ""

    def in_turn(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Read the customers with their rows."""
        return queryset.select_related("customer").order_by("pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the customer. A part of a contact is for people who see whole ones: others could spell them out."""
        return search.of_customers(queryset, search_term, ref=self.ref, parts=sees_contacts(request)), False
