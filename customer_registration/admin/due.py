"""Filter deletion requests by when the purge will look at them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customer_registration.models import AccountDeletionRequest

SOON = timedelta(days=7)


class DueFilter(admin.SimpleListFilter):
    """Overdue, soon, later: of requests that wait for their erasure, failed ones too."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the choices."""
        return [("overdue", _("Overdue")), ("soon", _("Next 7 days")), ("later", _("Later"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AccountDeletionRequest]
    ) -> QuerySet[AccountDeletionRequest]:
        """Return the requests of the choice; ``due_at`` is null once there is nothing left to do."""
        now = timezone.now()
        match self.value():
            case "overdue":
                return queryset.filter(due_at__lte=now)
            case "soon":
                return queryset.filter(due_at__gt=now, due_at__lte=now + SOON)
            case "later":
                return queryset.filter(due_at__gt=now + SOON)
        return queryset
