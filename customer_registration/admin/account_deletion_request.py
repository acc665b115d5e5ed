"""Deletion requests: looked at, never edited. What changes one is an action, confirmed and audited."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from customer_registration.admin import timeline
from customer_registration.admin.base import ReadOnlyAdmin, sees_contacts, shown_contacts
from customer_registration.admin.confirmation import BACK, Confirmation
from customer_registration.admin.deeds import CANCEL, DEEDS, ERASE_NOW, POSTPONE, RETRY
from customer_registration.admin.due import DueFilter
from customer_registration.flows.deletion import search
from customer_registration.models import AccountDeletionRequest


@admin.register(AccountDeletionRequest)
class AccountDeletionRequestAdmin(ReadOnlyAdmin):
    """The list with its counts, the page of one request with its time line, and the actions.

    Each action has a permission of its own, which people need beside the one to view.
    """

    whole = {"contact": "whole_contact"}
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
        "The id of a request or a customer, or how it begins; an e-mail address or phone number, written in any way. "
        "Whoever may see whole contacts finds people by a part of one too. "
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
        return shown_contacts(row.customer, whole=False)

    @admin.display(description=_("contact"))
    def whole_contact(self, row: AccountDeletionRequest) -> str:
        """Return the e-mail and phone."""
        return shown_contacts(row.customer, whole=True)

    @admin.display(description=_("due"), ordering="scheduled_at")
    def due(self, row: AccountDeletionRequest) -> str:
        """Return the day of the erasure; the list has no room for the time."""
        return _day(row.scheduled_at)

    @admin.display(description=_("requested"), ordering="created_at")
    def requested(self, row: AccountDeletionRequest) -> str:
        """Return the day of the request."""
        return _day(row.created_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest], search_term: str
    ) -> tuple[QuerySet[AccountDeletionRequest], bool]:
        """Search by a part of a contact only for people who see whole ones: others could spell them out."""
        return search.among(queryset, search_term, parts=sees_contacts(request)), False

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

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whether the user may keep an account that is leaving."""
        return self.may(request, "cancel")

    def has_postpone_permission(self, request: HttpRequest) -> bool:
        """Whether the user may move an erasure."""
        return self.may(request, "postpone")

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Whether the user may erase an account, at once or again."""
        return self.may(request, "erase")

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


def _day(moment: datetime | None) -> str:
    return date_format(localtime(moment), "SHORT_DATE_FORMAT") if moment else ""
