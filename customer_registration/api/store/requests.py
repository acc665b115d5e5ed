"""Bodies of the routes under ``/store/customers``."""

from customer_registration.api.validation import (
    ID_MAX_LENGTH,
    NAME_MAX_LENGTH,
    TOKEN_MAX_LENGTH,
    Choice,
    Code,
    Contact,
    Metadata,
    RequestSchema,
    Text,
)
from customer_registration.enums import IdentifierKind


class CustomerCreate(RequestSchema):
    """Body of ``POST /store/customers``. ``password`` is accepted, since storefronts send it, and ignored."""

    email = Contact(IdentifierKind.EMAIL, required=False, allow_null=True)
    phone = Contact(IdentifierKind.PHONE, required=False, allow_null=True)
    first_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    last_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    company_name = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)
    password = Text(required=False, allow_null=True)


class OtpSend(RequestSchema):
    """Body of ``POST /store/customers/otp/send``."""

    customer_id = Text(min_length=1, max_length=ID_MAX_LENGTH)
    type = Choice(("email_verification", "phone_verification"))


class OtpVerify(RequestSchema):
    """Body of ``POST /store/customers/otp/verify``."""

    token = Text(max_length=TOKEN_MAX_LENGTH)
    code = Code(min_length=1)
