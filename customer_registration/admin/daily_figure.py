"""The insights page, in the place of the list of figures. It reads; what counts is a button, or a task."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customer_registration.admin import charts
from customer_registration.admin.base import ReadOnlyAdmin
from customer_registration.admin.insight_cards import cards
from customer_registration.flows.insights import reading, rollup
from customer_registration.models import DailyFigure

LENGTHS = (7, 30, 90)
USUAL = 30
STALE = timedelta(minutes=15)
PATIENCE = timedelta(seconds=10)  # of somebody who looks at a button


@admin.register(DailyFigure)
class DailyFigureAdmin(ReadOnlyAdmin):
    """One page for all figures; there is none for a single one.

    Opening it writes nothing, however old the figures are: a page that is reloaded, fetched ahead or served from a
    replica counts nothing. Who may count has a button for it.
    """

    def get_urls(self) -> list[Any]:
        """Return the page, and what its button is sent to."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=self._name("changelist")),
            path("update/", wrap(non_atomic_requests(require_POST(self.update_view))), name=self._name("update")),
        ]

    @non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        length = _length(request.GET.get("days"))
        insights = reading.read(length)
        counted_at = insights.counted_at
        context = {
            **self.admin_site.each_context(request),
            "title": _("Insights"),
            "opts": self.opts,
            "cards": list(cards(insights)) if counted_at else [],
            "counted_at": counted_at,
            "is_stale": counted_at is not None and counted_at < timezone.now() - STALE,
            "just_counted": counted_at is not None and counted_at > timezone.now() - timedelta(minutes=1),
            "lengths": LENGTHS,
            "length": length,
            "may_count": self.may(request, "count"),
            "update_url": reverse(f"{self.admin_site.name}:{self._name('update')}"),
            "draws": charts.can_draw(),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/customer_registration/dailyfigure/insights.html", context)

    def update_view(self, request: HttpRequest) -> HttpResponse:
        """Bring the figures up to date, and go back to the page. Flows alone open transactions."""
        if not self.may(request, "count"):
            raise PermissionDenied
        if rollup.bring_up_to_date(patience=PATIENCE).left:
            messages.warning(request, _("The newest days are up to date. Update again to count the older ones."))
        else:
            messages.success(request, _("The figures are up to date."))
        page = reverse(f"{self.admin_site.name}:{self._name('changelist')}")
        return HttpResponseRedirect(f"{page}?{urlencode({'days': _length(request.POST.get('days'))})}")

    def _name(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"


def _length(asked: str | None) -> int:
    return next((length for length in LENGTHS if str(length) == asked), USUAL)
