"""One-time codes: looked at alone. What would let somebody use one is shown to nobody."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customer_registration.admin import code_states, words
from customer_registration.admin.base import shown_contact
from customer_registration.admin.code_states import CodeStateFilter
from customer_registration.admin.filters import ChannelFilter, PurposeFilter
from customer_registration.admin.of_customers import OfCustomersAdmin
from customer_registration.enums import Channel
from customer_registration.models import OtpVerification, OutboxMessage


@admin.register(OtpVerification)
class OtpVerificationAdmin(OfCustomersAdmin):
    """The list and the page of codes and links: what became of each, and of the message that carried it."""

    whole = {"destination_shown": "whole_destination"}
    list_display = ("purpose_shown", "state", "destination_shown", "delivery", "attempts_shown", "made", "whose")
    list_filter = (CodeStateFilter, PurposeFilter, ChannelFilter, "created_at")
    show_full_result_count = False
    ordering = ("-id",)  # a ULID begins with its time: newest first, by an index
    sortable_by = ()
    fieldsets: ClassVar = [
        (None, {"fields": ["purpose_shown", "state", "why", "of_customer"]}),
        (gettext_lazy("Guesses"), {"fields": ["attempts_shown", "attempts_open_shown"]}),
        (
            gettext_lazy("Delivery"),
            {"fields": ["destination_shown", "channel_shown", "delivery", "tries", "last_error"]},
        ),
        (gettext_lazy("Times"), {"fields": ["created_at", "expires_at", "consumed_at"]}),
    ]

    @admin.display(description=gettext_lazy("purpose"))
    def purpose_shown(self, row: OtpVerification) -> str:
        """Return what it is for."""
        return words.purpose(row.purpose)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: OtpVerification) -> str:
        """Return what became of it."""
        return str(code_states.of(row))

    @admin.display(description=gettext_lazy("what happened"))
    def why(self, row: OtpVerification) -> str:
        """Return what became of it in a sentence."""
        return code_states.why(row)

    @admin.display(description=gettext_lazy("sent to"))
    def destination_shown(self, row: OtpVerification) -> str:
        """Return the masked contact it went to."""
        return shown_contact(row.destination, whole=False)

    @admin.display(description=gettext_lazy("sent to"))
    def whole_destination(self, row: OtpVerification) -> str:
        """Return the contact it went to."""
        return shown_contact(row.destination, whole=True)

    @admin.display(description=gettext_lazy("channel"))
    def channel_shown(self, row: OtpVerification) -> str:
        """Return the road it took."""
        return words.label(Channel, row.channel)

    @admin.display(description=gettext_lazy("wrong guesses"))
    def attempts_shown(self, row: OtpVerification) -> str:
        """Return how many wrong guesses whoever was asked for it has had."""
        # The right one is counted as well, at one of the two counters; with hits at both nobody can tell at which.
        is_right_one_here = row.proven_at is not None and row.attempts > 0 and row.attempts_open == 0
        return _("%(count)s of %(most)s") % {"count": row.attempts - is_right_one_here, "most": row.max_attempts}

    @admin.display(description=gettext_lazy("guesses by who knows the contact alone"))
    def attempts_open_shown(self, row: OtpVerification) -> str:
        """Return how many guesses strangers may have had."""
        return _("%(count)s of %(most)s") % {"count": row.attempts_open, "most": row.max_attempts}

    @admin.display(description=gettext_lazy("asked for"))
    def made(self, row: OtpVerification) -> str:
        """Return when it was asked for; the list has little room."""
        return words.short_moment(row.created_at)

    @admin.display(description=gettext_lazy("delivery"))
    def delivery(self, row: OtpVerification) -> str:
        """Return what became of the newest message that carried it."""
        return code_states.delivery(row)

    @admin.display(description=gettext_lazy("tries"))
    def tries(self, row: OtpVerification) -> str:
        """Return how often that message was tried."""
        message = code_states.message_of(row)
        return str(message.tries) if message else ""

    @admin.display(description=gettext_lazy("last error"))
    def last_error(self, row: OtpVerification) -> str:
        """Return why that message did not go out; contacts are masked in it, codes and links left out."""
        message = code_states.message_of(row)
        return message.last_error if message else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[OtpVerification]:
        """Load the messages with the codes, and nothing that would derive one."""
        messages = OutboxMessage.objects.only("otp", "state", "tries", "sent_at", "last_error", "created_at")
        carried = Prefetch("messages", messages.order_by("-pk"), to_attr="carried_by")
        return super().get_queryset(request).defer("nonce", "payload").prefetch_related(carried)
