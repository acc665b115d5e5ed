"""The base of our pages in the admin: Django's own, or django-unfold's where a project has it installed."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.contrib.admin import action
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from customer_registration.admin import tables
from customer_registration.admin.confirmation import BACK, Confirmation
from customer_registration.admin.deeds import Deed
from customer_registration.admin.tables import is_id
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import mask
from customer_registration.models import Customer

if TYPE_CHECKING or not apps.is_installed("unfold"):
    from django.contrib.admin import ModelAdmin
else:
    from unfold.admin import ModelAdmin

# What the filters of fields and the hierarchy of dates ask; of a ``regex`` a database may say that it is none.
LOOKUPS = ("exact", "in", "isnull", "gte", "lt", "year", "month", "day")
VIEW_CONTACTS = "customer_registration.view_contacts_customer"


def sees_contacts(request: HttpRequest) -> bool:
    """Whether the user may read whole e-mail addresses and phone numbers; everybody else sees them masked."""
    return request.user.has_perm(VIEW_CONTACTS)


def shown_contact(value: str | None, *, whole: bool) -> str:
    """Return a contact as the user may see it: whole, or ``j***@example.com``; left to right in any language."""
    return _left_to_right(_as_seen(value, whole=whole))


def shown_contacts(customer: Customer | None, *, whole: bool) -> str:
    """Return a customer's e-mail and phone as the user may see them; "" once they are erased."""
    values = (getattr(customer, kind.value) for kind in IdentifierKind) if customer else ()
    return _left_to_right(", ".join(filter(None, (_as_seen(value, whole=whole) for value in values))))


def _as_seen(value: str | None, *, whole: bool) -> str:
    return (value or "") if whole else mask(value or "")


def _left_to_right(text: str) -> str:
    return format_html('<bdi dir="ltr">{}</bdi>', text) if text else ""


def _offers(list_filter: Any, lookup: str) -> bool:
    """Whether a filter of a list stands behind a look-up of the query string.

    A filter of our own is asked by its name alone: ``?email=confirmed`` is it, ``?email__startswith=j`` is the field.
    """
    if isinstance(list_filter, type):
        return lookup == getattr(list_filter, "parameter_name", None)
    field = list_filter if isinstance(list_filter, str) else list_filter[0]
    return lookup == field or lookup.removeprefix(f"{field}__") in LOOKUPS


def action_of(deed: Deed, permission: str) -> Any:
    """Return the admin's action that asks, and on a yes does a deed.

    Django asks for the permission on the way to the page that asks, and again on the way from it.

    Args:
        deed: what is to be done.
        permission: the admin has ``has_<permission>_permission``.
    """

    @action(description=deed.offer, permissions=[permission])
    def ask(admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        return Confirmation(admin, request, deed).answer(queryset)

    ask.__name__ = deed.name
    return ask


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at, never edited by hand: what changes one is an action with a permission of its own.

    ``whole`` names, for each column or field that shows a masked contact, the one that takes its place for people who
    may see contacts whole. What a column shows does not depend on the request, so nothing of one user's page can
    come to be on another's.
    """

    whole: ClassVar[dict[str, str]] = {}
    asked_about: ClassVar[Sequence[str]] = ()  # the columns of the page that asks before something is done
    deeds: ClassVar[Sequence[Deed]] = ()  # what the page of a row offers, if it applies and the user may

    class Media:
        css: ClassVar = {"all": ["customer_registration/admin.css"]}

    # What is shown

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, contacts masked or whole."""
        return self.as_seen_by(request, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of a page, contacts masked or whole."""
        return [
            (title, {**options, "fields": self.as_seen_by(request, options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def as_seen_by(self, request: HttpRequest, names: Iterable[Any]) -> list[Any]:
        """Return the names of columns or fields, those of contacts replaced for people who may see them whole."""
        if not self.whole or not sees_contacts(request):
            return list(names)
        # A name, or a tuple of those that share a line.
        return [
            self.whole.get(name, name) if isinstance(name, str) else self.as_seen_by(request, name) for name in names
        ]

    def page_of(self, row: Any) -> str:
        """Return the page of a row, of this model or another; "" if the site has none."""
        if row is None or not self.admin_site.is_registered(type(row)):
            return ""
        meta, site = row._meta, self.admin_site.name
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk], current_app=site)

    def name_of(self, row: Any) -> str:
        """Return what a row is called when the user is told what came of it."""
        return str(row)

    def in_turn(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return rows in the order in which something is done to them, with what it takes."""
        return queryset.order_by("pk")

    def offered(self, request: HttpRequest, row: Any) -> list[Deed]:
        """Return what the user may do with a row as it stands."""
        allowed = self.get_actions(request)
        return [deed for deed in self.deeds if deed.name in allowed and deed.applies(row)]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Offer what the user may do with the row as it stands."""
        context |= {
            "buttons": tables.buttons(self, request, context["original"], back_to="row"),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "back": BACK,
        }
        return super().render_change_form(request, context, *args, **options)

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
        offered = [*filters, *([self.date_hierarchy] if self.date_hierarchy else [])]
        return any(_offers(each, lookup) for each in offered)

    @non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list, or do what its action says.

        Flows alone open transactions: under ``ATOMIC_REQUESTS`` one row that fails would undo the erasures before it.
        """
        if any("\0" in value for name, values in request.GET.lists() for value in (name, *values)):
            return HttpResponseRedirect(request.path)
        return super().changelist_view(request, extra_context)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list; a query string with a date that no calendar has leads back to it, as Django says of others.

        Raises:
            IncorrectLookupParameters: the query string asks for what there cannot be.
        """
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error

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
