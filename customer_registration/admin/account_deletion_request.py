"""Deletion requests: looked at, never edited. What changes one is an action, confirmed and audited."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customer_registration.admin import timeline, words
from customer_registration.admin.base import action_of, sees_contacts
from customer_registration.admin.deeds import Deed
from customer_registration.admin.deletion_deeds import CANCEL, DEEDS, ERASE_NOW, POSTPONE, RETRY
from customer_registration.admin.due import DueFilter
from customer_registration.admin.of_customers import OfCustomersAdmin
from customer_registration.flows.deletion import search
from customer_registration.models import AccountDeletionRequest


@admin.register(AccountDeletionRequest)
class AccountDeletionRequestAdmin(OfCustomersAdmin):
    """The list with its counts, the page of one request with its time line, and the actions.

    Each action has a permission of its own, which people need beside the one to view.
    """

    ref = "customer_ref"
    asked_about = ("of_customer", "contact", "status", "created_at", "scheduled_at")
    deeds = DEEDS
    actions = ("cancel", "postpone", "erase_now", "retry")
    cancel = action_of(CANCEL, "cancel")
    postpone = action_of(POSTPONE, "postpone")
    erase_now = action_of(ERASE_NOW, "erase")
    retry = action_of(RETRY, "erase")
    list_display = ("whose", "contact", "status", "due", "requested", "tries")
    list_filter = ("status", DueFilter, "strategy")
    show_facets = ShowFacets.ALWAYS
    show_full_result_count = False  # the facets count already
    date_hierarchy = "scheduled_at"
    ordering = ("-id",)  # a ULID begins with its time: newest first, by an index
    search_help_text = _(
        "The id of a request or a customer, or how it begins; an e-mail address or phone number, written in any way. "
        "Whoever may see whole contacts finds people by a part of one too. "
        "Erased people are found by the whole address or number."
    )
    fieldsets: ClassVar = [
        (None, {"fields": ["of_customer", "contact", "status", "reason"]}),
        (_("Erasure"), {"fields": ["scheduled_at", "reminder_at", "strategy", "tries", "last_error"]}),
        (_("Where it was asked for"), {"fields": ["ip", "user_agent", "language"]}),
    ]

    @admin.display(description=_("due"), ordering="scheduled_at")
    def due(self, row: AccountDeletionRequest) -> str:
        """Return the day of the erasure; the list has no room for the time."""
        return words.day(row.scheduled_at)

    @admin.display(description=_("requested"), ordering="created_at")
    def requested(self, row: AccountDeletionRequest) -> str:
        """Return the day of the request."""
        return words.day(row.created_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest], search_term: str
    ) -> tuple[QuerySet[AccountDeletionRequest], bool]:
        """Search by a part of a contact only for people who see whole ones: others could spell them out."""
        return search.among(queryset, search_term, parts=sees_contacts(request)), False

    def offered(self, request: HttpRequest, row: AccountDeletionRequest) -> list[Deed]:
        """Offer to erase an account once: again, or at once."""
        offered = super().offered(request, row)
        return [deed for deed in offered if deed != ERASE_NOW] if RETRY in offered else offered

    def in_turn(self, queryset: QuerySet[AccountDeletionRequest]) -> QuerySet[AccountDeletionRequest]:
        """Begin with what is due first."""
        return super().in_turn(queryset).order_by("scheduled_at", "pk")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Add the time line."""
        context["timeline"] = timeline.of(context["original"])
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
