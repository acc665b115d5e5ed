"""Second factors: looked at, never edited. One that its owner has lost can be taken away, confirmed and audited."""

import logging
from collections import Counter

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customer_registration.admin.base import ReadOnlyAdmin, is_id, sees_contacts, shown_contacts
from customer_registration.admin.confirmation import CONFIRMED
from customer_registration.enums import FactorStatus
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.flows.second_factor import desk
from customer_registration.identifiers import kind_of
from customer_registration.models import SecondFactor

logger = logging.getLogger(__name__)

LOGGED = "Removed the lost factor."
MAX_SELECTED = 400  # below DATA_UPLOAD_MAX_NUMBER_FIELDS: each is a field of the page that asks
TEMPLATE = "admin/customer_registration/secondfactor/confirmation.html"


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    """The list and the action. What proves a factor is shown to nobody."""

    actions = ("remove_lost",)
    whole = {"contact": "whole_contact"}
    list_display = ("customer", "contact", "provider", "status", "enabled_at")
    list_filter = ("status", "provider")
    list_select_related = ("customer",)
    ordering = ("-id",)  # a ULID begins with its time: newest first, by an index
    fields = ("customer", "contact", "provider", "status", "created_at", "enabled_at", "updated_at")
    search_fields = ("customer__id",)  # `get_search_results` does the work; without a field there is no search box
    search_help_text = gettext_lazy("The id of a customer, or their whole e-mail address or phone number.")

    @admin.display(description=gettext_lazy("contact"))
    def contact(self, row: SecondFactor) -> str:
        """Return the owner's masked e-mail and phone."""
        return shown_contacts(row.customer, whole=False)

    @admin.display(description=gettext_lazy("contact"))
    def whole_contact(self, row: SecondFactor) -> str:
        """Return the owner's e-mail and phone."""
        return shown_contacts(row.customer, whole=True)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SecondFactor], search_term: str
    ) -> tuple[QuerySet[SecondFactor], bool]:
        """Search by a customer's id or by a whole contact: a part of one would let it be spelled out."""
        text = search_term.strip()
        if not text:
            return queryset, False
        matching = Q(customer=text)
        try:
            identifier = identify(text, kind_of(text))
        except InvalidIdentifier:
            return queryset.filter(matching), False
        return queryset.filter(matching | Q(**{f"customer__{identifier.kind.value}": identifier.value})), False

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Whether the user may take lost factors away."""
        return self.may(request, "remove")

    @admin.action(description=gettext_lazy("Remove lost factors"), permissions=["remove"])
    def remove_lost(self, request: HttpRequest, queryset: QuerySet[SecondFactor]) -> HttpResponseBase | None:
        """Ask, and on a yes take the factors away. Django has asked for the permission both times."""
        rows = list(self._selected(request, queryset)[: MAX_SELECTED + 1])
        if len(rows) > MAX_SELECTED:
            text = _("At most %(count)s factors at once. Nothing has been done.") % {"count": MAX_SELECTED}
            messages.error(request, text)
        elif CONFIRMED not in request.POST:
            return self._ask(request, rows)
        else:
            self._report(request, Counter(self._remove(request, row) for row in rows))
        return None

    def _selected(self, request: HttpRequest, queryset: QuerySet[SecondFactor]) -> QuerySet[SecondFactor]:
        """Return what is ticked, also if it has left the list's filter meanwhile, or all that the filter finds."""
        if request.POST.get("select_across", "0") == "0":
            ticked = [key for key in request.POST.getlist(ACTION_CHECKBOX_NAME) if is_id(key)]
            queryset = self.get_queryset(request).filter(pk__in=ticked)
        return queryset.exclude(status=FactorStatus.DISABLED).select_related("customer").order_by("pk")

    def _ask(self, request: HttpRequest, rows: list[SecondFactor]) -> HttpResponseBase:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Remove lost factors"),
            "opts": self.opts,
            "rows": [(row, shown_contacts(row.customer, whole=sees_contacts(request))) for row in rows],
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
            "origin": request.get_full_path(),
        }
        return TemplateResponse(request, TEMPLATE, context)

    def _remove(self, request: HttpRequest, row: SecondFactor) -> int:
        """Take one factor away and return what to tell the user; whatever fails, the next one has its turn."""
        try:
            if not desk.remove(row, by=request.user):
                return messages.WARNING
        except Exception as error:
            # What a database says may quote the row.
            own = not isinstance(error, DatabaseError)
            logger.error("The removal of factor %s: %s", row.pk, type(error).__name__, exc_info=own)
            return messages.ERROR
        self.log_change(request, row, LOGGED)
        return messages.SUCCESS

    def _report(self, request: HttpRequest, outcomes: Counter[int]) -> None:
        removed, changed, failed = (outcomes[level] for level in (messages.SUCCESS, messages.WARNING, messages.ERROR))
        if not outcomes:
            messages.warning(request, _("These factors are gone already."))
        if removed:
            text = ngettext("%(count)s factor was removed.", "%(count)s factors were removed.", removed)
            messages.success(request, text % {"count": removed})
        if changed:
            text = ngettext(
                "%(count)s was left alone: it changed.", "%(count)s were left alone: they changed.", changed
            )
            messages.warning(request, text % {"count": changed})
        if failed:
            messages.error(request, _("%(count)s failed, see the server's log.") % {"count": failed})
