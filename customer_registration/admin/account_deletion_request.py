"""Deletion requests: looked at, never edited. What changes one is an action, confirmed and audited."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from customer_registration.admin import timeline
from customer_registration.admin.confirmation import BACK, Confirmation
from customer_registration.admin.deeds import CANCEL, DEEDS, ERASE_NOW, POSTPONE, RETRY
from customer_registration.admin.due import DueFilter
from customer_registration.enums import IdentifierKind
from customer_registration.flows.deletion import search
from customer_registration.models import AccountDeletionRequest


@admin.register(AccountDeletionRequest)
class AccountDeletionRequestAdmin(admin.ModelAdmin):
    """The list with its counts, the page of one request with its time line, and the actions.

    Each action has a permission of its own, which people need beside the one to view. Flows alone open transactions:
    under ``ATOMIC_REQUESTS`` one request that fails would undo the erasures before it.
    """

    actions = ("cancel", "postpone", "erase_now", "retry")
    list_display = ("customer_ref", "contact", "status", "due", "requested", "tries")
    list_filter = ("status", DueFilter, "strategy")
    list_select_related = ("customer",)
    show_facets = ShowFacets.ALWAYS
    show_full_result_count = False  # the facets count already
    date_hierarchy = "scheduled_at"
    ordering = ("-id",)  # a ULID begins with its time: newest first, by an index
    search_fields = ("customer_ref",)  # `get_search_results` does the work; without a field there is no search box
    search_help_text = _(
        "The id of a request or a customer, or how it begins; an e-mail address or phone number, or a part of one. "
        "Erased people are found by the whole address or number."
    )
    fieldsets: ClassVar = [
        (None, {"fields": ["customer_ref", "contact", "status", "reason"]}),
        (_("Erasure"), {"fields": ["scheduled_at", "reminder_at", "strategy", "tries", "last_error"]}),
        (_("Where it was asked for"), {"fields": ["ip", "user_agent", "language"]}),
    ]

    @admin.display(description=_("contact"))
    def contact(self, row: AccountDeletionRequest) -> str:
        """Return the masked e-mail and phone; nothing is left of them once the account is erased."""
        customer = row.customer
        return ", ".join(filter(None, map(customer.masked_contact, IdentifierKind))) if customer else ""

    @admin.display(description=_("due"), ordering="scheduled_at")
    def due(self, row: AccountDeletionRequest) -> str:
        """Return the day of the erasure; the list has no room for the time."""
        return _day(row.scheduled_at)

    @admin.display(description=_("requested"), ordering="created_at")
    def requested(self, row: AccountDeletionRequest) -> str:
        """Return the day of the request."""
        return _day(row.created_at)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the request, or ``None``; ids are letters and digits, and PostgreSQL chokes on a NUL."""
        return super().get_object(request, object_id, from_field) if object_id.isalnum() else None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest], search_term: str
    ) -> tuple[QuerySet[AccountDeletionRequest], bool]:
        """Search as the staff API does."""
        return search.among(queryset, search_term, parts=True), False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Add the time line, and buttons for what the user may do with the request as it stands."""
        row, allowed = context["original"], self.get_actions(request)
        deeds = [deed for deed in DEEDS if deed.name in allowed and deed.applies(row)]
        if RETRY in deeds:
            deeds.remove(ERASE_NOW)  # the same for this one
        context |= {
            "timeline": timeline.of(row),
            "deeds": deeds,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "back": BACK,
        }
        return super().render_change_form(request, context, *args, **options)

    # Who may do what

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Customers ask for themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Requests are the record of what was done."""
        return False

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whether the user may keep an account that is leaving."""
        return self._has_permission(request, "cancel")

    def has_postpone_permission(self, request: HttpRequest) -> bool:
        """Whether the user may move an erasure."""
        return self._has_permission(request, "postpone")

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Whether the user may erase an account, at once or again."""
        return self._has_permission(request, "erase")

    def _has_permission(self, request: HttpRequest, verb: str) -> bool:
        codename = get_permission_codename(verb, self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    # Actions: Django asks for the permission on the way to the confirmation, and again on the way from it

    @admin.action(description=CANCEL.offer, permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest]) -> HttpResponseBase | None:
        """Keep the accounts."""
        return Confirmation(self, request, CANCEL).answer(queryset)

    @admin.action(description=POSTPONE.offer, permissions=["postpone"])
    def postpone(self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest]) -> HttpResponseBase | None:
        """Erase the accounts on another day."""
        return Confirmation(self, request, POSTPONE).answer(queryset)

    @admin.action(description=ERASE_NOW.offer, permissions=["erase"])
    def erase_now(self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest]) -> HttpResponseBase | None:
        """Erase the accounts, whatever is left of their grace period."""
        return Confirmation(self, request, ERASE_NOW).answer(queryset)

    @admin.action(description=RETRY.offer, permissions=["erase"])
    def retry(self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest]) -> HttpResponseBase | None:
        """Try to erase those accounts again that could not be."""
        return Confirmation(self, request, RETRY).answer(queryset)

    @non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, or do what its actions say."""
        return super().changelist_view(request, extra_context)


def _day(moment: datetime | None) -> str:
    return date_format(localtime(moment), "SHORT_DATE_FORMAT") if moment else ""
