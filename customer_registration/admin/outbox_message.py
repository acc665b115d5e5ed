"""Messages: what became of each, and previews of what they say. What one said is kept nowhere."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customer_registration.admin import previews, words
from customer_registration.admin.base import shown_contact
from customer_registration.admin.filters import ChannelFilter, NamesFilter
from customer_registration.admin.of_customers import OfCustomersAdmin
from customer_registration.enums import Channel, OutboxState
from customer_registration.models import OutboxMessage

TONES = {OutboxState.QUEUED: "waiting", OutboxState.SENT: "good", OutboxState.FAILED: "bad"}
PREVIEWS = "customer_registration_outboxmessage_previews"
PAGES = "admin/customer_registration/outboxmessage"


class StateFilter(NamesFilter):
    """By where a message stands."""

    title = gettext_lazy("state")
    parameter_name = field = "state"
    names = OutboxState.choices


class MessageKindFilter(NamesFilter):
    """By what a message is about."""

    title = gettext_lazy("message")
    parameter_name = field = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Return the kinds that there are templates for."""
        return list(previews.names().items())


@admin.register(OutboxMessage)
class OutboxMessageAdmin(OfCustomersAdmin):
    """The list and the page of messages, and the previews."""

    change_list_template = f"{PAGES}/change_list.html"
    whole = {"destination_shown": "whole_destination"}
    list_display = ("about", "channel_shown", "destination_shown", "standing", "made", "tries", "last_error")
    list_filter = (StateFilter, ChannelFilter, MessageKindFilter, "created_at")
    show_full_result_count = False
    ordering = ("-id",)
    sortable_by = ()
    fieldsets: ClassVar = [
        (None, {"fields": ["about", "kind", "channel_shown", "language_shown", "destination_shown", "of_customer"]}),
        (gettext_lazy("Delivery"), {"fields": ["standing", "tries", "last_error", "carries"]}),
        (gettext_lazy("Times"), {"fields": ["created_at", "next_attempt_at", "sent_at"]}),
    ]

    @admin.display(description=gettext_lazy("message"))
    def about(self, row: OutboxMessage) -> str:
        """Return what it is about."""
        return previews.name_of(row.kind)

    @admin.display(description=gettext_lazy("channel"))
    def channel_shown(self, row: OutboxMessage) -> str:
        """Return the road it takes."""
        return words.label(Channel, row.channel)

    @admin.display(description=gettext_lazy("language"))
    def language_shown(self, row: OutboxMessage) -> str:
        """Return the language that it is written in."""
        return words.language(row.language) if row.language else ""

    @admin.display(description=gettext_lazy("sent to"))
    def destination_shown(self, row: OutboxMessage) -> str:
        """Return the masked contact it goes to."""
        return shown_contact(row.destination, whole=False)

    @admin.display(description=gettext_lazy("sent to"))
    def whole_destination(self, row: OutboxMessage) -> str:
        """Return the contact it goes to."""
        return shown_contact(row.destination, whole=True)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, row: OutboxMessage) -> str:
        """Return where it stands."""
        tone = next((tone for state, tone in TONES.items() if state == row.state), "plain")
        return words.badge(tone, words.label(OutboxState, row.state))

    @admin.display(description=gettext_lazy("created"))
    def made(self, row: OutboxMessage) -> str:
        """Return when it was written down; the list has little room."""
        return words.short_moment(row.created_at)

    @admin.display(description=gettext_lazy("code or link"))
    def carries(self, row: OutboxMessage) -> str:
        """Return the id of the code that it carries, which leads to its page."""
        page = self.page_of(row.otp)
        return format_html('<a href="{}">{}</a>', page, row.otp_id) if page else row.otp_id or ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        """Load the rows, and nothing that would derive a code."""
        queryset: QuerySet[OutboxMessage] = super().get_queryset(request)
        return queryset.defer("context").select_related("otp").defer("otp__nonce", "otp__payload")

    def get_urls(self) -> list[Any]:
        """Return the pages, that of the previews before that of a row."""
        return [path("previews/", self.admin_site.admin_view(self.previews_view), name=PREVIEWS), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, with a way to the previews."""
        return super().changelist_view(request, {"previews_url": self._previews_url(), **(extra_context or {})})

    def previews_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a message says, with made-up values; no row is read for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        choice = previews.chosen(request.GET)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": _("Previews of messages"),
            "opts": self.opts,
            "media": self.media,
            "choice": choice,
            "tabs": previews.tabs(choice),
            "links": previews.links(choice),
            "languages": previews.languages(),
            "schemes": previews.schemes(),
            "preview": previews.preview(choice),
        }
        return TemplateResponse(request, f"{PAGES}/previews.html", context)

    def _previews_url(self) -> str:
        return reverse(f"admin:{PREVIEWS}", current_app=self.admin_site.name)
