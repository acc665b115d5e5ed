"""Bodies of the routes under ``/auth/{actor}/otp``."""

from customer_registration.api.validation import TOKEN_MAX_LENGTH, Code, EitherIdentifier, RequestSchema, Text


class CodeRequest(RequestSchema):
    """Body of ``POST /auth/{actor}/otp/generate`` and ``/pre-register``, which send to whatever is named."""

    identifier = EitherIdentifier(to_text=True)


class CodeBrought(RequestSchema):
    """Body of ``POST /auth/{actor}/otp``, ``/otp/verify`` and ``/otp/register``; the flow token is optional."""

    identifier = EitherIdentifier()
    otp = Code()
    token = Text(required=False, allow_null=True, max_length=TOKEN_MAX_LENGTH)
