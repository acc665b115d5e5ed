"""The filters of our lists: by what is indexed, or by what most rows have, since no list reads a table for a filter."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from customer_registration.admin.words import label
from customer_registration.conf import config
from customer_registration.enums import Channel, EventKind, FactorProvider, Purpose
from customer_registration.models import Customer


class ChoiceFilter(admin.SimpleListFilter):
    """Named conditions, of which one is chosen."""

    choices_of: dict[str, tuple[Any, Q]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the choices."""
        return [(name, text) for name, (text, _condition) in self.choices_of.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Customer]) -> QuerySet[Customer]:
        """Return the rows of the choice."""
        chosen = self.choices_of.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class NamesFilter(admin.SimpleListFilter):
    """By a field that holds one of a closed set of names; the table is not read to know which there are."""

    names: Any = ()
    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the names, as they are called."""
        return list(self.names)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the name."""
        known = {name for name, _label in self.lookups(request, None)}
        return queryset.filter(**{self.field: self.value()}) if self.value() in known else queryset


class PurposeFilter(NamesFilter):
    """By what a code is for."""

    title = _("purpose")
    parameter_name = field = "purpose"
    names = Purpose.choices


class ChannelFilter(NamesFilter):
    """By the road that a message takes."""

    title = _("channel")
    parameter_name = field = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the project's channels."""
        return [(name, label(Channel, name)) for name in config().channels]


class KindFilter(NamesFilter):
    """By what happened."""

    title = _("what happened")
    parameter_name = field = "kind"
    names = EventKind.choices


class ProviderFilter(NamesFilter):
    """By what a second factor is."""

    title = _("kind")
    parameter_name = field = "provider"
    names = FactorProvider.choices


class EmailFilter(ChoiceFilter):
    """By whether the e-mail address is verified."""

    title = _("e-mail address")
    parameter_name = "email"
    choices_of = {
        "verified": (_("Confirmed"), Q(email_verified_at__isnull=False)),
        "unverified": (_("Not confirmed"), Q(email_verified_at=None, email__isnull=False)),
        "none": (_("No e-mail address"), Q(email=None)),
    }


class PhoneFilter(ChoiceFilter):
    """By whether the phone number is verified."""

    title = _("phone number")
    parameter_name = "phone"
    choices_of = {
        "verified": (_("Confirmed"), Q(phone_verified_at__isnull=False)),
        "unverified": (_("Not confirmed"), Q(phone_verified_at=None, phone__isnull=False)),
        "none": (_("No phone number"), Q(phone=None)),
    }


class StandingFilter(ChoiceFilter):
    """By where the account stands."""

    title = _("account")
    parameter_name = "account"
    choices_of = {
        "registered": (_("Registered"), Q(registered_at__isnull=False)),
        "unregistered": (_("Not registered yet"), Q(registered_at=None)),
        "leaving": (_("Leaving"), Q(deletion_scheduled_at__isnull=False)),
        "inactive": (_("Deactivated, closed or erased"), Q(user=None) | Q(user__is_active=False)),
    }


class SecondFactorFilter(ChoiceFilter):
    """By whether a second factor is in force."""

    title = _("second factor")
    parameter_name = "factor"
    choices_of = {
        "yes": (_("Yes"), Q(has_second_factor=True)),
        "no": (_("No"), Q(has_second_factor=False)),
    }
