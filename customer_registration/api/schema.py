"""OpenAPI descriptions, for projects that install the ``schema`` extra; without it nothing here has an effect."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeVar, cast

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


class ErrorEnvelope(serializers.Serializer[Any]):
    """Every error; ``type`` decides the status."""

    type = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField(required=False)


class GuardAnswer(ErrorEnvelope):
    """A token is missing, dead or of no use here; the guard says nothing but ``message``, as the reference does."""

    type = serializers.CharField(required=False)


class TwoStepAnswer(TokenAnswer):
    """A customer; a token instead, where something stands between them and the session."""

    token = serializers.CharField(required=False)
    customer = CustomerObject(required=False)


class TwoStepError(ErrorEnvelope):
    """``error`` alone for a code that is refused, as the plugin does that brought this shape; else the envelope."""

    error = serializers.CharField(required=False)
    type = serializers.CharField(required=False)
    message = serializers.CharField(required=False)


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
    auth: Sequence[Mapping[str, list[str]]] = (),
    query: type[serializers.Serializer[Any]] | None = None,
    errors: Mapping[int, type[serializers.Serializer[Any]]] | None = None,
) -> Callable[[View], View]:
    """Describe an operation in the OpenAPI schema.

    The customer's routes take ``fields`` too, which is left out: it drops keys of an answer, so none could be promised.

    Args:
        summary: a few words.
        answer: what a success carries.
        request: the body, if any.
        status: of a success.
        media_type: of a success.
        guarded: whether it needs what the view authenticates by.
        auth: the alternatives of a route that is not guarded, ``{}`` for none, as OpenAPI spells them.
        query: the query string, if any.
        errors: answers of some error statuses where they are not the envelope.
    """
    try:
        from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
    except ImportError:
        return lambda view: view
    if issubclass(answer, serializers.Serializer):
        extend_schema_serializer(many=False)(answer)  # a view called `list` does not answer a bare array
    refused: dict[Any, Any] = {401: GuardAnswer} if guarded or auth else {}
    # The ranges stand for every error of the contract: 404, 405, 413, 415, 422, …
    responses = {(status, media_type): answer, **refused, **(errors or {})}
    responses |= {429: ErrorEnvelope, 503: ErrorEnvelope, "4XX": ErrorEnvelope, "5XX": ErrorEnvelope}
    wait = OpenApiParameter(
        "Retry-After", int, OpenApiParameter.HEADER, response=[429, 503], description="Seconds.", required=True
    )
    parameters: list[Any] = [query, wait] if query else [wait]
    return extend_schema(
        summary=summary,
        request=request,
        responses=responses,
        # A guarded operation takes the schemes from its view: named here, they would be required but never declared.
        auth=None if guarded else cast(Any, list(auth)),
        parameters=parameters,
    )


import_module("customer_registration.api.schema_extensions")
