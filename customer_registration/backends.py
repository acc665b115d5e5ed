"""Django authentication by e-mail address or phone number."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.flows.login import by_username
from customer_registration.flows.passwordless.admission import ProvenByCode
from customer_registration.identifiers import Identifier, kind_of
from customer_registration.models.lookups import customer_by_contact

__all__ = ["EmailOrPhoneBackend"]


class EmailOrPhoneBackend(ModelBackend):
    """Authenticate a customer's user; permissions work as in Django's own backend.

    The app's flows pass ``identifier=``, canonical already: one query and one hash, whoever asks; after a right code
    also ``proven=``, so that the project's other backends have their say. Host projects,
    Django's login form and its test client pass text as ``email=``, ``phone=``, ``email_or_phone=`` or ``username=``.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        *,
        identifier: Identifier | None = None,
        email: str | None = None,
        phone: str | None = None,
        email_or_phone: str | None = None,
        proven: ProvenByCode | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the user, with their customer at ``user.registered_customer``, or ``None``.

        Args:
            request: as the project's other backends want it; not looked at.
            username: an e-mail address or a phone number, as typed; as ``email_or_phone``.
            password: as typed.
            identifier: canonical, from the app's own flows.
            email: as typed.
            phone: as typed.
            email_or_phone: as typed; text with an ``@`` is an address.
            proven: from the app's own flows, once a code was right.
        """
        if isinstance(proven, ProvenByCode):
            return proven.user if self.user_can_authenticate(proven.user) else None
        if password is None or by_username.get():
            return None
        if identifier is None:
            identifier = _parse(email=email, phone=phone, email_or_phone=email_or_phone, username=username)
        if identifier is None:
            return None  # not meant for this backend
        customer = customer_by_contact(identifier)
        if customer is None or customer.user is None:
            get_user_model()().set_password(password)  # a stranger costs the hash that a customer costs (row A4)
            return None
        if customer.user.check_password(password) and self.user_can_authenticate(customer.user):
            return customer.user
        return None


def _parse(**texts: str | None) -> Identifier | None:
    given = [(name, text) for name, text in texts.items() if isinstance(text, str) and text]
    if len(given) != 1:
        return None
    name, text = given[0]
    kind = kind_of(text) if name in ("email_or_phone", "username") else IdentifierKind(name)
    try:
        return identify(text, kind)
    except InvalidIdentifier:
        return None if name == "username" else Identifier.nobody(kind)
