"""OpenAPI descriptions of the second factor."""

from typing import Any

from rest_framework import serializers

from customer_registration.api.schema.words import Word
from customer_registration.enums import FactorProvider, FactorStatus
from customer_registration.flows.second_factor.challenges import METHODS


class MfaChallengeObject(serializers.Serializer[Any]):
    """The second step that a login waits for."""

    id = serializers.CharField()
    methods = serializers.ListField(child=Word(*METHODS))
    expires_at = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    completed_at = serializers.DateTimeField(allow_null=True)
    metadata = serializers.DictField(allow_null=True)


class FactorObject(serializers.Serializer[Any]):
    """A second factor."""

    id = serializers.CharField()
    auth_identity_id = serializers.CharField()
    provider = Word(*FactorProvider.values)
    status = Word(*FactorStatus.values)
    metadata = serializers.DictField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True)


class FactorAnswer(serializers.Serializer[Any]):
    """One factor."""

    mfa_factor = FactorObject()


class FactorsAnswer(serializers.Serializer[Any]):
    """A person's factors, the newest first."""

    mfa_factors = FactorObject(many=True)


class EnrolmentAnswer(FactorAnswer):
    """A factor that is set up; what an authenticator app has to know is shown this once."""

    secret = serializers.CharField(required=False, help_text="The seed in base32.")
    otpauth_url = serializers.CharField(required=False, help_text="The seed and its names, for a link on the phone.")
    qr_svg = serializers.CharField(required=False, help_text="The URL as a QR code, SVG text.")


class RecoveryCodesAnswer(serializers.Serializer[Any]):
    """A new set of recovery codes, shown this once."""

    recovery_codes = serializers.ListField(child=serializers.CharField())
