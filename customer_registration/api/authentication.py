"""Read the bearer of a request. It never raises: only a guard refuses, and public routes have none."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission

from customer_registration.api.errors import GuardRefused
from customer_registration.flows.sessions import Session, open_session


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``, the scheme in any case; anything else is nobody."""

    def authenticate(self, request: Any) -> tuple[Any, Session] | None:
        """Return the user and the session, or ``None``."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        session = open_session(token.strip())
        return (session.user, session) if session else None


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
