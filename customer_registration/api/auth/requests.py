"""Bodies of the routes under ``/auth``."""

from collections.abc import Mapping
from typing import Any

from customer_registration.api.validation import (
    PASSWORD_MAX_LENGTH,
    TOKEN_MAX_LENGTH,
    Choice,
    Metadata,
    RequestSchema,
    Text,
    within,
)
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidData, InvalidIdentifier, InvalidToken, Unauthorized
from customer_registration.flows.identify import identify
from customer_registration.identifiers import Identifier, kind_of

LINK_VALUE_MAX_LENGTH = 128
IDENTIFIER_MAX_LENGTH = 254
LOGIN_IDENTIFIERS = ("email", "phone", "email_or_phone")
RESET_IDENTIFIERS = ("identifier", *LOGIN_IDENTIFIERS)


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

    entity_id = Text(max_length=IDENTIFIER_MAX_LENGTH)
    entity_type = Choice(("email", "phone"))
    code_provider = Choice(("token", "otp"), required=False)
    metadata = Metadata(required=False)


class VerificationConfirm(RequestSchema):
    """Body of ``POST /auth/verification/confirm``: a link's value, or a code."""

    code = Text(min_length=1, max_length=LINK_VALUE_MAX_LENGTH)
    code_provider = Choice(("token", "otp"), required=False)


class PasswordUpdate(RequestSchema):
    """Body of ``POST /auth/{actor}/{provider}/update``; identifiers are optional and must be the account's own."""

    password = Text(min_length=1, max_length=PASSWORD_MAX_LENGTH)
    token = Text(required=False, max_length=TOKEN_MAX_LENGTH)
    email = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    phone = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    email_or_phone = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    identifier = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    entity_id = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)


class PasswordReset(RequestSchema):
    """Body of ``POST /auth/{actor}/{provider}/reset-password`` as the SDK sends it."""

    identifier = Text(max_length=IDENTIFIER_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)


class PasswordResetByEmail(RequestSchema):
    """The same with other keys, exactly one of them, where e-mails log in."""

    identifier = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    email = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    email_or_phone = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)


class PasswordResetByPhone(RequestSchema):
    """Where phones log in."""

    identifier = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    phone = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    email_or_phone = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)


class PasswordResetByEither(PasswordResetByEmail):
    """Where both do."""

    phone = Text(required=False, allow_null=True, max_length=IDENTIFIER_MAX_LENGTH)


RESET_BODIES: dict[tuple[IdentifierKind, ...], type[RequestSchema]] = {
    (IdentifierKind.EMAIL,): PasswordResetByEmail,
    (IdentifierKind.PHONE,): PasswordResetByPhone,
    tuple(IdentifierKind): PasswordResetByEither,
}


def registration_identifier(data: Mapping[str, Any], kinds: tuple[IdentifierKind, ...]) -> Identifier:
    """Return the identifier that registers: the e-mail where the mode takes e-mails, else the phone.

    Raises:
        Unauthorized: it is missing.
        InvalidIdentifier: it is malformed.
    """
    kind = kinds[0]
    return identify(Credential(required=True).read(kind.value, data), kind, to_text=True)


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
    return _read(name, text, kinds)


def reset_identifier(data: Mapping[str, Any], kinds: tuple[IdentifierKind, ...]) -> Identifier:
    """Return the one identifier of a password reset.

    Text that names nobody, and a kind that does not log in, become nobody's identifier: the answer is a stranger's.

    Raises:
        InvalidData: more or fewer than one, or a key that the login mode has no use for.
    """
    names = [name for name in RESET_IDENTIFIERS if name not in IdentifierKind or name in kinds]
    present = [name for name in names if data.get(name) is not None]
    values = (RESET_BODIES[kinds] if present else PasswordReset).read(data)
    given = [name for name in present if values[name]]
    if len(given) > 1:
        wanted = ", ".join(f"'{name}'" for name in names)
        raise InvalidData(f"Invalid request: Exactly one of {wanted} is required")
    name = (given or present)[0]
    return _read(name, values[name], kinds)


def claimed_identifiers(data: Mapping[str, Any]) -> list[Identifier]:
    """Return the identifiers that a body names besides its token; blank ones are as absent.

    Raises:
        InvalidToken: one of them is nobody's.
    """
    claimed = []
    for name in ("email", "phone", "email_or_phone", "identifier", "entity_id"):
        if text := data.get(name):
            identifier = _read(name, text, tuple(IdentifierKind))
            if not identifier.value:
                raise InvalidToken
            claimed.append(identifier)
    return claimed


def _read(name: str, text: str, kinds: tuple[IdentifierKind, ...]) -> Identifier:
    kind = IdentifierKind(name) if name in IdentifierKind else kind_of(text)
    if kind not in kinds:
        return Identifier.nobody(kind)
    try:
        return identify(text, kind)
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
