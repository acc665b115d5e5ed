"""Bodies of the routes under ``/auth``."""

from collections.abc import Mapping
from typing import Any

from customer_registration.api.validation import (
    PASSWORD_MAX_LENGTH,
    Choice,
    Metadata,
    RequestSchema,
    Text,
    within,
)
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidData, InvalidIdentifier, Unauthorized
from customer_registration.flows.identify import identify
from customer_registration.identifiers import Identifier, kind_of

LINK_VALUE_MAX_LENGTH = 128
LOGIN_IDENTIFIERS = ("email", "phone", "email_or_phone")


class Credential(Text):
    """A string whose absence is answered 401, as the reference does at register and login."""

    def read(self, name: str, data: Mapping[str, Any]) -> str:
        """Return the string."""
        value = data.get(name)
        if not isinstance(value, str) or not value:
            raise Unauthorized(f"{name.capitalize()} should be a string")
        return within(name, value, low=None, high=self.max_length)


class PasswordRequest(RequestSchema):
    """The password of a registration or login; the identifier beside it depends on the project's modes."""

    ignores_extra_keys = True

    password = Credential(max_length=PASSWORD_MAX_LENGTH)


class VerificationRequest(RequestSchema):
    """Body of ``POST /auth/verification/request``."""

    entity_id = Text(max_length=254)
    entity_type = Choice(("email", "phone"))
    code_provider = Choice(("token", "otp"), required=False)
    metadata = Metadata(required=False)


class VerificationConfirm(RequestSchema):
    """Body of ``POST /auth/verification/confirm``: a link's value, or a code."""

    code = Text(min_length=1, max_length=LINK_VALUE_MAX_LENGTH)
    code_provider = Choice(("token", "otp"), required=False)


def registration_identifier(data: Mapping[str, Any], kinds: tuple[IdentifierKind, ...]) -> Identifier:
    """Return the identifier that registers: the e-mail where the mode takes e-mails, else the phone.

    Raises:
        Unauthorized: it is missing.
        InvalidIdentifier: it is malformed.
    """
    kind = kinds[0]
    return identify(Credential(required=True).read(kind.value, data), kind)


def login_identifier(
    data: Mapping[str, Any], query: Mapping[str, Any], kinds: tuple[IdentifierKind, ...]
) -> Identifier:
    """Return the one identifier of a login, from the body or, where the body has none, the query string.

    Text that names nobody, and a kind that does not log in, become nobody's identifier: the answer is a stranger's.

    Raises:
        InvalidData: more or fewer than one.
        Unauthorized: it is no string.
    """
    given = _given(data) or _given(query)
    blank = next((name for name in LOGIN_IDENTIFIERS if name in data or name in query), None)
    if len(given) > 1 or (not given and blank is None):
        names = ", ".join(f"'{name}'" for name in LOGIN_IDENTIFIERS)
        raise InvalidData(f"Invalid request: Exactly one of {names} is required")
    name, text = next(iter(given.items()), (str(blank), None))
    if not isinstance(text, str) or not text:
        raise Unauthorized(f"{name.capitalize()} should be a string")
    kind = kind_of(text) if name == "email_or_phone" else IdentifierKind(name)
    try:
        return identify(text, kind) if kind in kinds else Identifier.nobody(kind)
    except InvalidIdentifier:
        return Identifier.nobody(kind)


def _given(source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: source[name] for name in LOGIN_IDENTIFIERS if source.get(name) not in (None, "")}


def login_password(data: Mapping[str, Any], query: Mapping[str, Any]) -> str:
    """Return the password, from the body alone unless ``LOGIN.ALLOW_PASSWORD_IN_QUERY``.

    Raises:
        Unauthorized: it is missing.
    """
    source = {**query, **data} if config().login.allow_password_in_query else data
    password: str = PasswordRequest.read(source)["password"]
    return password
