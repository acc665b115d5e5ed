"""The SDK's own flow of verification."""

from typing import Any

from rest_framework import serializers

from customer_registration.api.schema.words import Word
from customer_registration.enums import IdentifierKind

CODE_PROVIDERS = ("token", "otp")


class VerificationObject(serializers.Serializer[Any]):
    """A verification as the SDK's own flow sees it."""

    id = serializers.CharField()
    auth_identity_id = serializers.CharField()
    entity_id = serializers.CharField()
    entity_type = Word(*IdentifierKind.values)
    code_provider = Word(*CODE_PROVIDERS)
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
    entity_type = Word(*IdentifierKind.values)
    code_provider = Word(*CODE_PROVIDERS)
    verified_at = serializers.DateTimeField()
