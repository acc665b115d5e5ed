"""What stands on a customer's page beside the customer: factors, codes, messages, requests and the time line."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from customer_registration.admin import tables, timeline
from customer_registration.admin.tables import Table
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
    SecondFactor,
)

SHOWN = 10
EVENTS_SHOWN = 50
MODELS = (SecondFactor, OtpVerification, OutboxMessage, AccountDeletionRequest)
OF_THE_CUSTOMER = ("whose", "of_customer", "contact", "customer", "customer_ref")


def sections(admin: Any, request: HttpRequest, customer: Customer) -> list[Table]:
    """Return the newest rows of each kind that the user may see, under the columns of their own lists."""
    site = admin.admin_site
    admins = [site.get_model_admin(model) for model in MODELS if site.is_registered(model)]
    return [_section(each, request, customer) for each in admins if each.has_view_permission(request)]


def story(admin: Any, request: HttpRequest, customer: Customer) -> list[timeline.Moment]:
    """Return what happened to the account, newest first, if the user may see events."""
    site = admin.admin_site
    if not site.is_registered(AccountEvent) or not site.get_model_admin(AccountEvent).has_view_permission(request):
        return []
    events = AccountEvent.objects.filter(customer_ref=customer.pk).order_by("-created_at", "-pk")
    return timeline.of_events(list(events[:EVENTS_SHOWN]))


def _section(admin: Any, request: HttpRequest, customer: Customer) -> Table:
    rows = list(admin.get_queryset(request).filter(customer=customer.pk).order_by("-pk")[:SHOWN])
    for row in rows:
        row.customer = customer  # read already
    names = [name for name in admin.list_display if name not in OF_THE_CUSTOMER]
    meta = admin.opts
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist", current_app=admin.admin_site.name)
    title = capfirst(str(meta.verbose_name_plural))
    more = f"{url}?{urlencode({'q': customer.pk})}" if len(rows) == SHOWN else ""
    table = tables.of(admin, request, rows, names, title=title, more=more, links=True)
    for line in table.lines:
        line.buttons.extend(tables.buttons(admin, request, line.row, back_to="customer"))
    return table
