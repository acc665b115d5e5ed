"""The base of our pages in the admin: Django's own, or django-unfold's where a project has it installed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import mask
from customer_registration.models import Customer

if TYPE_CHECKING or not apps.is_installed("unfold"):
    from django.contrib.admin import ModelAdmin
else:
    from unfold.admin import ModelAdmin

VIEW_CONTACTS = "customer_registration.view_contacts_customer"


def sees_contacts(request: HttpRequest) -> bool:
    """Whether the user may read whole e-mail addresses and phone numbers; everybody else sees them masked."""
    return request.user.has_perm(VIEW_CONTACTS)


def shown_contact(value: str | None, *, whole: bool) -> str:
    """Return a contact as the user may see it: whole, or ``j***@example.com``."""
    return (value or "") if whole else mask(value or "")


def shown_contacts(customer: Customer | None, *, whole: bool) -> str:
    """Return a customer's e-mail and phone as the user may see them; "" once they are erased."""
    values = (getattr(customer, kind.value) for kind in IdentifierKind) if customer else ()
    return ", ".join(filter(None, (shown_contact(value, whole=whole) for value in values)))


def is_id(text: str) -> bool:
    """Whether a text may be the id of something: letters, digits and underscores. PostgreSQL chokes on a NUL."""
    return text.replace("_", "").isalnum()


def _parameter(list_filter: Any) -> str | None:
    """Return the name that a list's filter has in the query string."""
    if isinstance(list_filter, str):
        return list_filter
    if isinstance(list_filter, (tuple, list)):
        return str(list_filter[0])
    return getattr(list_filter, "parameter_name", None)


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at, never edited by hand: what changes one is an action with a permission of its own.

    ``whole`` names, for each column or field that shows a masked contact, the one that takes its place for people who
    may see contacts whole. What a column shows does not depend on the request, so nothing of one user's page can
    come to be on another's.
    """

    whole: ClassVar[dict[str, str]] = {}

    # What is shown

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, contacts masked or whole."""
        return self._as_seen_by(request, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of a page, contacts masked or whole."""
        return [
            (title, {**options, "fields": self._as_seen_by(request, options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _as_seen_by(self, request: HttpRequest, names: Iterable[Any]) -> list[Any]:
        if not self.whole or not sees_contacts(request):
            return list(names)
        # A name, or a tuple of those that share a line.
        return [
            self.whole.get(name, name) if isinstance(name, str) else self._as_seen_by(request, name) for name in names
        ]

    # What is found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, or ``None``."""
        return super().get_object(request, object_id, from_field) if is_id(object_id) else None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow what the list's filters offer.

        Django lets anybody who sees a list filter it by any look-up of any of its fields, and ``?email__startswith=``
        would spell out a masked address letter by letter, or a secret.
        """
        filters = self.get_list_filter(request) if request is not None else self.list_filter
        offered = [self.date_hierarchy, *map(_parameter, filters)]
        return any(lookup == each or lookup.startswith(f"{each}__") for each in offered if each)

    @non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, or do what its action says.

        Flows alone open transactions: under ``ATOMIC_REQUESTS`` one row that fails would undo the erasures before it.
        """
        if any("\0" in value for name, values in request.GET.lists() for value in (name, *values)):
            return HttpResponseRedirect(request.path)
        return super().changelist_view(request, extra_context)

    # Who may do what

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether the user holds the permission that is called by a verb, beside the one to view."""
        codename = get_permission_codename(verb, self.opts)
        return self.has_view_permission(request) and request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from what customers do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """On our own pages nothing is deleted; rows go with a user that is deleted elsewhere.

        Django asks this of everything that a deletion takes along.
        """
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        here = request.resolver_match.url_name if request.resolver_match else None
        return not (here or "").startswith(own) and super().has_delete_permission(request, obj)
