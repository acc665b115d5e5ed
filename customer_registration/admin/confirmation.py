"""Ask before a deed is done, do it to one request after the other, and say what came of each."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customer_registration.admin.base import sees_contacts, shown_contacts
from customer_registration.admin.deeds import Deed, Outcome
from customer_registration.exceptions import DeletionClosed
from customer_registration.models import AccountDeletionRequest

logger = logging.getLogger(__name__)

BACK = "back_to_the_request"  # the field that brings the user back to the page they came from
CONFIRMED = "confirmed"
SEEN = "seen_"  # begins the fields that say how each request stood
MAX_SELECTED = 400  # below DATA_UPLOAD_MAX_NUMBER_FIELDS: each is two fields of the page that asks
NAMED = 10
TEMPLATE = "admin/customer_registration/accountdeletionrequest/confirmation.html"


class Confirmation:
    """One action on its way: the page that asks, and what happens when the user says yes.

    Args:
        admin: of the model.
        request: the POST, whose user Django has found to hold the permission.
        deed: what is to be done.
    """

    def __init__(self, admin: Any, request: HttpRequest, deed: Deed) -> None:
        self.admin = admin
        self.request = request
        self.deed = deed

    def answer(self, queryset: QuerySet[AccountDeletionRequest]) -> HttpResponseBase | None:
        """Return the page that asks, or where to go once it is done; ``None`` is back to the list."""
        rows = list(self._selected(queryset)[: MAX_SELECTED + 1])
        if len(rows) > MAX_SELECTED:
            text = _("At most %(count)s requests at once. Nothing has been done.") % {"count": MAX_SELECTED}
            messages.error(self.request, text)
            return None
        said_yes = CONFIRMED in self.request.POST
        form = self.deed.form(self.request.POST if said_yes else None)
        if not said_yes or not form.is_valid():
            return self._ask(rows, form)
        self._report((row.customer_ref, self._do(row, form.cleaned_data)) for row in rows)
        return HttpResponseRedirect(self._page_of(rows[0])) if self._goes_back(rows) else None

    def _selected(self, queryset: QuerySet[AccountDeletionRequest]) -> QuerySet[AccountDeletionRequest]:
        """Return what is ticked, also if it has left the list's filter meanwhile, or all that the filter finds."""
        if self.request.POST.get("select_across", "0") == "0":
            # Ids are letters and digits. PostgreSQL chokes on a NUL that somebody made up.
            ticked = [key for key in self.request.POST.getlist(ACTION_CHECKBOX_NAME) if key.isalnum()]
            queryset = self.admin.get_queryset(self.request).filter(pk__in=ticked)
        return queryset.select_related("customer").order_by("scheduled_at", "pk")

    def _ask(self, rows: list[AccountDeletionRequest], form: Any) -> HttpResponseBase:
        goes_back, whole = self._goes_back(rows), sees_contacts(self.request)
        context = {
            **self.admin.admin_site.each_context(self.request),
            "title": self.deed.button,
            "opts": self.admin.opts,
            "deed": self.deed,
            "form": form,
            "rows": [
                (row, shown_contacts(row.customer, whole=whole), self.deed.stand(row))
                for row in rows
                if self.deed.applies(row)
            ],
            "seen": SEEN,
            "skipped": [row for row in rows if not self.deed.applies(row)],
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
            "back": BACK if goes_back else "",
            "origin": self._page_of(rows[0]) if goes_back else self.request.get_full_path(),
        }
        self.request.current_app = self.admin.admin_site.name
        return TemplateResponse(self.request, TEMPLATE, context)

    def _do(self, row: AccountDeletionRequest, answers: dict[str, Any]) -> Outcome:
        """Do it to one request, as it stands by now; whatever fails, the next one has its turn."""
        try:
            row.refresh_from_db()
            if not self.deed.holds(row, self.request.POST.get(f"{SEEN}{row.pk}", "")):
                return Outcome(messages.WARNING, _("Left alone, the request has changed since you were asked"))
            if not self.deed.applies(row):
                text = _("Left alone, the request is %(status)s") % {"status": row.get_status_display().lower()}
                return Outcome(messages.WARNING, text)
            outcome = self.deed.work(row, by=self.request.user, answers=answers)
        except DeletionClosed:
            return Outcome(messages.WARNING, _("Left alone, closed meanwhile or being erased this moment"))
        except Exception as error:
            # What a database says may quote the row.
            own = not isinstance(error, DatabaseError)
            logger.error("%s of request %s: %s", self.deed.name, row.pk, type(error).__name__, exc_info=own)
            return Outcome(messages.ERROR, _("Failed unexpectedly, see the server's log"))
        row.refresh_from_db()  # the log names it with its new status
        if outcome.logged:
            self.admin.log_change(self.request, row, outcome.logged)
        return outcome

    def _report(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Tell the user, equal outcomes in one line."""
        same: dict[tuple[int, str], list[str]] = defaultdict(list)
        for customer_id, outcome in outcomes:
            same[outcome.level, outcome.text].append(customer_id)
        if not same:
            messages.warning(self.request, _("These requests do not exist."))
        for (level, text), ids in same.items():
            more = len(ids) - NAMED
            names = ", ".join(ids[:NAMED])
            if more > 0:
                names += ngettext(" and %(count)s more", " and %(count)s more", more) % {"count": more}
            messages.add_message(self.request, level, f"{text}: {names}")

    def _goes_back(self, rows: list[AccountDeletionRequest]) -> bool:
        return BACK in self.request.POST and len(rows) == 1

    def _page_of(self, row: AccountDeletionRequest) -> str:
        site = self.admin.admin_site.name
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk], current_app=site)
