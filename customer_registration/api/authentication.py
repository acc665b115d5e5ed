"""Read the bearer and the cookie of a request. Bad ones raise nothing: guards refuse, and public routes have none."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission

from customer_registration.api import cookies
from customer_registration.api.errors import GuardRefused
from customer_registration.exceptions import StaffOnly
from customer_registration.flows.sessions import Session, open_claims, open_session

__all__ = [
    "BearerAuthentication",
    "CookieAuthentication",
    "HasCustomerIdentity",
    "HasIdentity",
    "IsCustomer",
    "IsStaff",
    "StaffSession",
    "is_actor",
]


def bearer_of(request: Any) -> str | None:
    """Return the token of ``Authorization: Bearer <token>``, the scheme in any case, or ``None``."""
    scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``; anything else is nobody."""

    def authenticate(self, request: Any) -> tuple[Any, Session] | None:
        """Return the user and the session, or ``None``."""
        session = open_session(bearer_of(request))
        return (_user(session), session) if session else None


class CookieAuthentication(BaseAuthentication):
    """The claims that ``POST /auth/session`` has put into the Django session."""

    def authenticate(self, request: Any) -> tuple[Any, Session] | None:
        """Return the user and the session, or ``None``.

        Raises:
            CrossSiteRequest: another site's page sent an unsafe request.
        """
        claims = cookies.read_claims(request._request)
        session = open_claims(claims) if claims else None
        return (_user(session), session) if session else None


class StaffSession(BaseAuthentication):
    """The login of Django's admin, for routes that only read: nothing here could be forged by another site's page."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        """Return the user, or ``None``."""
        user = getattr(request._request, "user", None)
        return (user, None) if user is not None and user.is_active and getattr(user, "is_staff", False) else None


class IsStaff(BasePermission):
    """Staff, by whatever they logged in with."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse nobody like the reference's guard, and customers as forbidden.

        Raises:
            GuardRefused: nobody.
            StaffOnly: somebody who is no staff.
        """
        if request.auth is None and not request.user.is_authenticated:
            raise GuardRefused
        if request.auth is not None and request.auth.token.actor_type != "user":
            raise StaffOnly
        return True


class HasIdentity(BasePermission):
    """A live token of any actor, registration tokens included."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse like the reference's guard."""
        if request.auth is None:
            raise GuardRefused
        return True


class HasCustomerIdentity(BasePermission):
    """A live token of a customer, created or not yet."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse like the reference's guard."""
        if request.auth is None or request.auth.customer is None:
            raise GuardRefused
        return True


class IsCustomer(HasCustomerIdentity):
    """A live token of a customer who exists."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse like the reference's guard."""
        if super().has_permission(request, view) and not request.auth.has_actor:
            raise GuardRefused
        return True


def is_actor(*types: str) -> type[BasePermission]:
    """Return the guard of a route for actors of some types, for a project's own views.

    Args:
        types: names of actor types: ``customer``, ``user`` (staff), or the project's own. Everybody else is answered
            401, by `GuardRefused`.
    """

    class IsActor(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            session = request.auth
            if not isinstance(session, Session) or not session.has_actor or session.token.actor_type not in types:
                raise GuardRefused
            return True

    return IsActor


def _user(session: Session) -> Any:
    return session.user if session.user is not None else AnonymousUser()
