"""Customers: found, looked at, and helped. Each way to help is an action with a permission, confirmed and audited."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customer_registration.admin import beside, standing, words
from customer_registration.admin.base import ReadOnlyAdmin, action_of, sees_contacts, shown_contact, shown_contacts
from customer_registration.admin.customer_deeds import DEEDS, END_SESSIONS, SEND_CODE, SEND_RESET, UNLOCK
from customer_registration.admin.filters import EmailFilter, PhoneFilter, SecondFactorFilter, StandingFilter
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.flows import unlocking
from customer_registration.flows.support import search
from customer_registration.models import Customer


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """The list, the page of one customer with all that support asks for, and what support may do."""

    actions = ("send_code", "send_reset", "end_sessions", "unlock")
    deeds = DEEDS
    send_code = action_of(SEND_CODE, "send_code")
    send_reset = action_of(SEND_RESET, "reset_password")
    end_sessions = action_of(END_SESSIONS, "end_sessions")
    unlock = action_of(UNLOCK, "unlock")

    whole = {"contact": "whole_contact", "email_address": "whole_email", "phone_number": "whole_phone"}
    asked_about = ("contact", "name", "account", "id")
    list_display = ("contact", "name", "account", "confirmed", "joined")
    list_filter = (StandingFilter, EmailFilter, PhoneFilter, SecondFactorFilter)
    list_select_related = ("user",)
    show_full_result_count = False  # one count of a large table is enough
    ordering = ("-id",)  # an id begins with its time: newest first, by an index
    sortable_by = ()  # by what is masked it would tell the order of what is behind
    search_fields = ("pk",)  # `get_search_results` does the work; without a field there is no search box
    search_help_text = gettext_lazy(
        "The id of a customer, or how it begins; a name; an e-mail address or phone number, written in any way. "
        "Whoever may see whole contacts finds people by a part of one too."
    )
    fieldsets: ClassVar = [
        (None, {"fields": ["account", "name", "company_name", "spoken", "id", "registered", "signed_up"]}),
        (
            gettext_lazy("Contacts"),
            {"fields": ["email_address", "email_verified_at", "phone_number", "phone_verified_at"]},
        ),
        (gettext_lazy("Logging in"), {"fields": ["password_state", "factor_state", "last_login", "sessions", "lock"]}),
    ]

    # What is shown

    @admin.display(description=gettext_lazy("contact"), empty_value="–")
    def contact(self, row: Customer) -> str:
        """Return the masked e-mail and phone."""
        return shown_contacts(row, whole=False)

    @admin.display(description=gettext_lazy("contact"), empty_value="–")
    def whole_contact(self, row: Customer) -> str:
        """Return the e-mail and phone."""
        return shown_contacts(row, whole=True)

    @admin.display(description=gettext_lazy("e-mail address"))
    def email_address(self, row: Customer) -> str:
        """Return the masked e-mail address."""
        return shown_contact(row.email, whole=False)

    @admin.display(description=gettext_lazy("e-mail address"))
    def whole_email(self, row: Customer) -> str:
        """Return the e-mail address."""
        return shown_contact(row.email, whole=True)

    @admin.display(description=gettext_lazy("phone number"))
    def phone_number(self, row: Customer) -> str:
        """Return the masked phone number."""
        return shown_contact(row.phone, whole=False)

    @admin.display(description=gettext_lazy("phone number"))
    def whole_phone(self, row: Customer) -> str:
        """Return the phone number."""
        return shown_contact(row.phone, whole=True)

    @admin.display(description=gettext_lazy("name"))
    def name(self, row: Customer) -> str:
        """Return the first and last name."""
        return " ".join(filter(None, (row.first_name, row.last_name)))

    @admin.display(description=gettext_lazy("account"))
    def account(self, row: Customer) -> str:
        """Return where the account stands."""
        return str(standing.of(row))

    @admin.display(description=gettext_lazy("signed up"))
    def joined(self, row: Customer) -> str:
        """Return the day they signed up; the list has no room for the time."""
        return words.day(row.created_at)

    @admin.display(description=gettext_lazy("signed up"))
    def signed_up(self, row: Customer) -> str:
        """Return when they signed up."""
        return words.moment(row.created_at)

    @admin.display(description=gettext_lazy("registered"))
    def registered(self, row: Customer) -> str:
        """Return when the storefront created the customer."""
        return words.moment(row.registered_at) or _("Not yet")

    @admin.display(description=gettext_lazy("language of messages"))
    def spoken(self, row: Customer) -> str:
        """Return the language that they read."""
        return words.language(row.language)

    @admin.display(description=gettext_lazy("confirmed"))
    def confirmed(self, row: Customer) -> str:
        """Return which kinds of contact are proven."""
        return ", ".join(str(kind.label) for kind in IdentifierKind if row.has_verified(kind))

    @admin.display(description=gettext_lazy("password"))
    def password_state(self, row: Customer) -> str:
        """Return whether there is one, and nothing more of it."""
        has_one = row.user is not None and row.user.has_usable_password()
        return _("Has a password") if has_one else _("No password")

    @admin.display(description=gettext_lazy("second factor"))
    def factor_state(self, row: Customer) -> str:
        """Return whether one is in force."""
        return _("In force") if row.has_second_factor else _("No second factor")

    @admin.display(description=gettext_lazy("last login"))
    def last_login(self, row: Customer) -> str:
        """Return when they last logged in."""
        return words.moment(getattr(row.user, "last_login", None))

    @admin.display(description=gettext_lazy("all sessions ended"))
    def sessions(self, row: Customer) -> str:
        """Return how often all of them have ended at once; which there are is kept nowhere."""
        ended = row.token_epoch
        if not ended:
            return _("Never")
        return ngettext("%(count)s time", "%(count)s times", ended) % {"count": ended}

    @admin.display(description=gettext_lazy("codes and messages"))
    def lock(self, row: Customer) -> str:
        """Return whether the limits hold the customer up."""
        try:
            locked = unlocking.is_locked(row)
        except LimiterUnavailable:
            return words.badge("bad", _("Not known: the store of the rate limits is down"))
        if locked:
            return words.badge("bad", _("Locked: wrong codes or messages are used up"))
        return words.badge("good", _("Not locked"))

    # What is found, and what stands beside it

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """Load what tells where an account stands."""
        return standing.with_erasure(super().get_queryset(request).select_related("user"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """Search by a part of a contact only for people who see whole ones: others could spell them out."""
        return search.among(queryset, search_term, parts=sees_contacts(request)), False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Add the factors, codes, messages and requests of the customer, and their time line."""
        row = context["original"]
        context |= {"sections": beside.sections(self, request, row), "timeline": beside.story(self, request, row)}
        return super().render_change_form(request, context, *args, **options)

    # Who may do what

    def has_send_code_permission(self, request: HttpRequest) -> bool:
        """Whether the user may send a verification again."""
        return self.may(request, "send_code")

    def has_reset_password_permission(self, request: HttpRequest) -> bool:
        """Whether the user may send a link to reset a password."""
        return self.may(request, "reset_password")

    def has_end_sessions_permission(self, request: HttpRequest) -> bool:
        """Whether the user may log a customer out everywhere."""
        return self.may(request, "end_sessions")

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Whether the user may unlock a customer."""
        return self.may(request, "unlock")
