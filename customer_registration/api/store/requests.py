"""Bodies of the routes under ``/store/customers``."""

from collections.abc import Mapping
from typing import Any, cast

from customer_registration.api.validation import (
    ID_MAX_LENGTH,
    NAME_MAX_LENGTH,
    PASSWORD_MAX_LENGTH,
    TOKEN_MAX_LENGTH,
    Choice,
    Code,
    Contact,
    EitherContact,
    Metadata,
    RequestSchema,
    Text,
)
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidData, NotAllowed
from customer_registration.identifiers import Identifier

REASON_MAX_LENGTH = 1000


class CustomerCreate(RequestSchema):
    """Body of ``POST /store/customers``. ``password`` is accepted, since storefronts send it, and ignored."""

    email = Contact(IdentifierKind.EMAIL, required=False, allow_null=True)
    phone = Contact(IdentifierKind.PHONE, to_text=True, required=False, allow_null=True)
    first_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    last_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    company_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)
    password = Text(required=False, allow_null=True)


class ProfileUpdate(RequestSchema):
    """Body of ``POST`` and ``PATCH /store/customers/me``."""

    first_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    last_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    company_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that were given.

        Raises:
            NotAllowed: a contact is among them, whatever its value: it has to be proven first (attack E12).
            InvalidData: with the first three issues.
        """
        for kind, noun in ((IdentifierKind.PHONE, "Phone"), (IdentifierKind.EMAIL, "Email")):
            if kind.value in data:
                road = "Use POST /store/customers/me/contact to request a change."
                raise NotAllowed(f"{noun} changes require OTP verification. {road}")
        return super().read(data)


class ContactChange(RequestSchema):
    """Body of ``POST /store/customers/me/contact``: exactly one of the two."""

    email = Contact(IdentifierKind.EMAIL, required=False, allow_null=True)
    phone = Contact(IdentifierKind.PHONE, to_text=True, required=False, allow_null=True)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new contact as ``contact``, an `Identifier`.

        Raises:
            InvalidData: both, neither, or with the first three issues.
        """
        return {"contact": only_contact(super().read(data), cls)}


def only_contact(values: Mapping[str, Any], schema: type[RequestSchema]) -> Identifier:
    """Return the one contact that was given.

    Raises:
        InvalidData: more or fewer than one.
    """
    given = [contact for contact in values.values() if contact is not None]
    if len(given) != 1:
        names = ", ".join(f"'{name}'" for name in schema().fields)
        raise InvalidData(f"Invalid request: Exactly one of {names} is required")
    return cast(Identifier, given[0])


class ContactUndo(RequestSchema):
    """Body of ``POST /store/customers/contact/undo``."""

    token = Text(max_length=TOKEN_MAX_LENGTH)


class PasswordChange(RequestSchema):
    """Body of ``POST /store/customers/me/password``; the old password where there is one."""

    old_password = Text(required=False, allow_null=True, max_length=PASSWORD_MAX_LENGTH)
    password = Text(min_length=1, max_length=PASSWORD_MAX_LENGTH)


class OtpSend(RequestSchema):
    """Body of ``POST /store/customers/otp/send``."""

    customer_id = Text(min_length=1, max_length=ID_MAX_LENGTH)
    type = Choice(("email_verification", "phone_verification"))


class OtpVerify(RequestSchema):
    """Body of ``POST /store/customers/otp/verify``."""

    token = Text(max_length=TOKEN_MAX_LENGTH)
    code = Code(min_length=1)


class ContactVerify(OtpVerify):
    """Body of ``POST /store/customers/me/contact/verify``."""


class DeletionRequest(RequestSchema):
    """Body of ``POST /store/customers/account-deletion/request``."""

    reason = Text(required=False, allow_null=True, max_length=REASON_MAX_LENGTH)


class DeletionCancelRequest(RequestSchema):
    """Body of ``POST /store/customers/account-deletion/cancel-request``: exactly one of the three."""

    email = Contact(IdentifierKind.EMAIL, required=False, allow_null=True)
    phone = Contact(IdentifierKind.PHONE, to_text=True, required=False, allow_null=True)
    email_or_phone = EitherContact(to_text=True, required=False, allow_null=True)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return it as ``identifier``, an `Identifier`.

        Raises:
            InvalidData: more or fewer than one, or with the first three issues.
        """
        return {"identifier": only_contact(super().read(data), cls)}


class DeletionConfirm(OtpVerify):
    """Body of ``POST /store/customers/account-deletion/confirm`` and ``/cancel-confirm``."""


class TwoStepCode(RequestSchema):
    """The code of ``POST /store/auth/otp``; the identifier beside it depends on the project's modes."""

    ignores_extra_keys = True

    otp = Code()
