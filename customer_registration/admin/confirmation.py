"""Ask before a deed is done, do it to one row after the other, and say what came of each."""

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
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customer_registration.admin import tables
from customer_registration.admin.deeds import Deed, Outcome

logger = logging.getLogger(__name__)

BACK = "back_to"  # the field that brings the user back to the page they came from: "row", or "customer"
CONFIRMED = "confirmed"
SEEN = "seen_"  # begins the fields that say how each row stood
MAX_SELECTED = 400  # below DATA_UPLOAD_MAX_NUMBER_FIELDS: each is two fields of the page that asks
NAMED = 10
TEMPLATE = "admin/customer_registration/confirmation.html"


class Confirmation:
    """One action on its way: the page that asks, and what happens when the user says yes.

    Args:
        admin: of the model, which says what a row is called and what the page shows of it.
        request: the POST, whose user Django has found to hold the permission.
        deed: what is to be done.
    """

    def __init__(self, admin: Any, request: HttpRequest, deed: Deed) -> None:
        self.admin = admin
        self.request = request
        self.deed = deed

    def answer(self, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        """Return the page that asks, or where to go once it is done; ``None`` is back to the list."""
        rows = list(self._selected(queryset)[: MAX_SELECTED + 1])
        if len(rows) > MAX_SELECTED:
            text = _("At most %(count)s rows at once. Nothing has been done.") % {"count": MAX_SELECTED}
            messages.error(self.request, text)
            return None
        said_yes = CONFIRMED in self.request.POST
        form = self.deed.form(self.request.POST if said_yes else None)
        if not said_yes or not form.is_valid():
            return self._ask(rows, form)
        self._report((self.admin.name_of(row), self._do(row, form.cleaned_data)) for row in rows)
        origin = self._origin(rows)
        return HttpResponseRedirect(origin) if origin else None

    def _selected(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what is ticked, also if it has left the list's filter meanwhile, or all that the filter finds."""
        if self.request.POST.get("select_across", "0") == "0":
            # PostgreSQL chokes on a NUL that somebody made up.
            ticked = [key for key in self.request.POST.getlist(ACTION_CHECKBOX_NAME) if tables.is_id(key)]
            queryset = self.admin.get_queryset(self.request).filter(pk__in=ticked)
        return self.admin.in_turn(queryset)

    def _ask(self, rows: list[Any], form: Any) -> HttpResponseBase:
        origin, deed = self._origin(rows), self.deed
        table = tables.of(self.admin, self.request, [row for row in rows if deed.applies(row)], self.admin.asked_about)
        objections = [(row, deed.objection(row)) for row in rows]
        context = {
            **self.admin.admin_site.each_context(self.request),
            "title": deed.button,
            "opts": self.admin.opts,
            "media": self.admin.media,
            "deed": deed,
            "form": form,
            "table": table,
            "seen": [(f"{SEEN}{row.pk}", deed.stand(row)) for row, _ in objections if not _ and deed.stand],
            "skipped": [(self.admin.name_of(row), why) for row, why in objections if why],
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
            "back": BACK,
            "back_to": self.request.POST.get(BACK, "") if origin else "",
            "origin": origin or self.request.get_full_path(),
        }
        self.request.current_app = self.admin.admin_site.name
        return TemplateResponse(self.request, TEMPLATE, context)

    def _do(self, row: Any, answers: dict[str, Any]) -> Outcome:
        """Do it to one row, as it stands by now; whatever fails, the next one has its turn."""
        try:
            row.refresh_from_db()
            if not self.deed.holds(row, self.request.POST.get(f"{SEEN}{row.pk}", "")):
                return Outcome(messages.WARNING, _("Left alone, it has changed since you were asked"))
            if objection := self.deed.objection(row):
                return Outcome(messages.WARNING, objection)
            outcome = self.deed.work(row, by=self.request.user, answers=answers)
        except Exception as error:
            if (told := self.deed.refused.get(type(error))) is not None:
                return Outcome(messages.WARNING, str(told))
            # What a database says may quote the row.
            own = not isinstance(error, DatabaseError)
            logger.error(
                "%s of %s %s: %s",
                self.deed.name,
                row._meta.verbose_name,
                row.pk,
                type(error).__name__,
                exc_info=own,
                extra={"event": "staff_deed_failed", "kind": self.deed.name, "error": type(error).__name__},
            )
            return Outcome(messages.ERROR, _("Failed unexpectedly, see the server's log"))
        row.refresh_from_db()  # the log names it with its new status
        if outcome.logged:
            self.admin.log_change(self.request, row, outcome.logged)
        return outcome

    def _report(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Tell the user, equal outcomes in one line."""
        same: dict[tuple[int, str], list[str]] = defaultdict(list)
        for name, outcome in outcomes:
            same[outcome.level, outcome.text].append(name)
        if not same:
            messages.warning(self.request, _("What you selected does not exist any more."))
        for (level, text), named in same.items():
            more = len(named) - NAMED
            names = ", ".join(named[:NAMED])
            if more > 0:
                names += ngettext(" and %(count)s more", " and %(count)s more", more) % {"count": more}
            messages.add_message(self.request, level, f"{text}: {names}")

    def _origin(self, rows: list[Any]) -> str:
        """Return the page that the user came from and will come back to, or "" if that is the list."""
        back_to = self.request.POST.get(BACK)
        if back_to not in ("row", "customer") or len(rows) != 1:
            return ""
        return str(self.admin.page_of(rows[0] if back_to == "row" else rows[0].customer) or "")
