"""OpenAPI descriptions, for projects that install the ``schema`` extra; without it nothing here has an effect."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from rest_framework import serializers

from customer_registration.api.schema_mfa import MfaChallengeObject
from customer_registration.enums import DeletionStatus

View = TypeVar("View", bound=Callable[..., Any])


class CustomerObject(serializers.Serializer[Any]):
    """The customer object."""

    id = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    email_verified = serializers.BooleanField()
    phone_verified = serializers.BooleanField()
    first_name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    company_name = serializers.CharField(allow_null=True)
    has_account = serializers.BooleanField()
    metadata = serializers.DictField(allow_null=True)
    addresses = serializers.ListField(child=serializers.DictField())
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True)


class CustomerAnswer(serializers.Serializer[Any]):
    """A customer."""

    customer = CustomerObject()


class VerificationObject(serializers.Serializer[Any]):
    """A verification as the SDK's own flow sees it."""

    id = serializers.CharField()
    auth_identity_id = serializers.CharField()
    entity_id = serializers.CharField()
    entity_type = serializers.CharField()
    code_provider = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    requested_at = serializers.DateTimeField()
    metadata = serializers.DictField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True)


class VerificationAnswer(serializers.Serializer[Any]):
    """A verification was asked for."""

    verification = VerificationObject()


class ConfirmationAnswer(serializers.Serializer[Any]):
    """A contact was confirmed."""

    entity_id = serializers.CharField()
    entity_type = serializers.CharField()
    code_provider = serializers.CharField()
    verified_at = serializers.DateTimeField()


class TokenAnswer(serializers.Serializer[Any]):
    """A token; perhaps one that only shows a second factor, or verifies (``LOGIN.UNVERIFIED_RESPONSE``)."""

    token = serializers.CharField()
    mfa_required = serializers.BooleanField(required=False)
    mfa_challenge = MfaChallengeObject(required=False)
    verification_required = serializers.BooleanField(required=False)
    verification = VerificationObject(required=False)


class NewTokenAnswer(serializers.Serializer[Any]):
    """A fresh token, since every older one is dead; null where a gate has closed since the login."""

    token = serializers.CharField(allow_null=True)


class ContactAnswer(NewTokenAnswer):
    """The contact was changed."""

    customer = CustomerObject()


class ClaimsAnswer(serializers.Serializer[Any]):
    """What the session keeps: every claim of the token."""

    user = serializers.DictField()


class SuccessAnswer(serializers.Serializer[Any]):
    """It is done."""

    success = serializers.BooleanField()


class ChallengeAnswer(serializers.Serializer[Any]):
    """A code is on its way."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class DeletionObject(serializers.Serializer[Any]):
    """A deletion request."""

    id = serializers.CharField()
    customer_id = serializers.CharField()
    status = serializers.ChoiceField(choices=DeletionStatus.choices)
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    scheduled_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class DeletionAnswer(serializers.Serializer[Any]):
    """A deletion request, as its owner sees it."""

    request = DeletionObject()


class StaffDeletionObject(DeletionObject):
    """A deletion request as staff see it; contacts are masked."""

    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    strategy = serializers.CharField(allow_null=True)
    tries = serializers.IntegerField()
    last_error = serializers.CharField(allow_null=True)


class StaffDeletionAnswer(serializers.Serializer[Any]):
    """A deletion request, as staff see it."""

    request = StaffDeletionObject()


class StaffDeletionsAnswer(serializers.Serializer[Any]):
    """A page of deletion requests."""

    requests = StaffDeletionObject(many=True)
    count = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()


class StaffDeletionsQuery(serializers.Serializer[Any]):
    """Filters, order and page of a list of deletion requests."""

    status = serializers.ChoiceField(choices=DeletionStatus.choices, required=False)
    customer_id = serializers.CharField(required=False)
    q = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100)
    offset = serializers.IntegerField(required=False, min_value=0)
    order = serializers.CharField(required=False)


class VerifiedAnswer(serializers.Serializer[Any]):
    """A contact was proven."""

    verified = serializers.BooleanField()
    email_verified = serializers.BooleanField()
    phone_verified = serializers.BooleanField()
    customer = CustomerObject(allow_null=True)
    token = serializers.CharField(allow_null=True)
    needs_login = serializers.BooleanField()


class ProviderObject(serializers.Serializer[Any]):
    """A way to log in."""

    id = serializers.CharField()
    identifier = serializers.CharField()
    display_name = serializers.CharField()
    flow = serializers.CharField()


class ProvidersAnswer(serializers.Serializer[Any]):
    """The ways to log in."""

    providers = ProviderObject(many=True)


class RegisterBody(serializers.Serializer[Any]):
    """The identifier that the project registers by, and a password; further keys are ignored."""

    password = serializers.CharField(max_length=4096)
    email = serializers.EmailField(required=False)
    phone = serializers.CharField(required=False)


class LoginBody(RegisterBody):
    """Exactly one identifier, and a password; further keys are ignored."""

    email_or_phone = serializers.CharField(required=False)


class ResetBody(serializers.Serializer[Any]):
    """Exactly one identifier of a kind that logs in; ``identifier`` is read as ``email_or_phone``."""

    identifier = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    email_or_phone = serializers.CharField(required=False)
    metadata = serializers.DictField(required=False)


class ErrorEnvelope(serializers.Serializer[Any]):
    """Every error; ``type`` decides the status."""

    type = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField(required=False)


class CodeSentAnswer(serializers.Serializer[Any]):
    """A code is on its way, or seems to be."""

    message = serializers.CharField()
    token = serializers.CharField()


def describe(
    summary: str,
    *,
    answer: type[serializers.Serializer[Any] | str],
    request: type[serializers.Serializer[Any]] | None = None,
    status: int = 200,
    media_type: str = "application/json",
    guarded: bool = False,
    query: type[serializers.Serializer[Any]] | None = None,
) -> Callable[[View], View]:
    """Describe an operation in the OpenAPI schema.

    Args:
        summary: a few words.
        answer: what a success carries.
        request: the body, if any.
        status: of a success.
        media_type: of a success.
        guarded: whether it needs a bearer.
        query: the query string, if any.
    """
    try:
        from drf_spectacular.utils import extend_schema
    except ImportError:
        return lambda view: view
    responses = {(status, media_type): answer, "4XX": ErrorEnvelope}
    # A guarded operation takes the scheme from its view: named here, it would be required but never declared.
    auth: list[str] | None = None if guarded else []
    parameters = [query] if query else []
    return extend_schema(summary=summary, request=request, responses=responses, auth=auth, parameters=parameters)


try:
    from drf_spectacular.extensions import OpenApiAuthenticationExtension
except ImportError:
    pass
else:

    class BearerScheme(OpenApiAuthenticationExtension):
        """Document the login JWT."""

        target_class = "customer_registration.api.authentication.BearerAuthentication"
        name = "bearer"

        def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
            """Return the OpenAPI security scheme."""
            return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

    class CookieScheme(OpenApiAuthenticationExtension):
        """Document the session cookie."""

        target_class = "customer_registration.api.authentication.CookieAuthentication"
        name = "cookie"

        def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
            """Return the OpenAPI security scheme."""
            return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}

    class StaffSessionScheme(CookieScheme):
        """Document the login of Django's admin."""

        target_class = "customer_registration.api.authentication.StaffSession"
        name = "staff session"
