"""Bodies of the routes under ``/auth/mfa``."""

from typing import Any

from rest_framework import serializers

from customer_registration.api.validation import Choice, FieldMixin, Issue, Metadata, RequestSchema, Text
from customer_registration.enums import FactorProvider
from customer_registration.flows.second_factor.challenges import METHODS

CODE_MAX_LENGTH = 32
NAME_MAX_LENGTH = 64
MAX_RECOVERY_CODES = 20


class Count(FieldMixin, serializers.IntegerField):
    """A whole number within its bounds."""

    type_name = "number"

    def check(self, name: str, value: Any) -> int:
        """Return the number."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise self.wrong_type(name, value)
        if self.min_value is not None and value < self.min_value:
            raise Issue(f"Value for field '{name}' too small, expected at least: '{self.min_value}'")
        if self.max_value is not None and value > self.max_value:
            raise Issue(f"Value for field '{name}' too big, expected at most: '{self.max_value}'")
        return int(value)


class FactorEnrolment(RequestSchema):
    """Body of ``POST /auth/mfa/factors``; for codes ``metadata.entity_type`` says where they go."""

    provider = Choice(tuple(FactorProvider.values))
    label = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)  # type: ignore[assignment]  # its own name
    issuer = Text(required=False, allow_null=True, max_length=NAME_MAX_LENGTH)
    metadata = Metadata(required=False, allow_null=True)


class FactorCode(RequestSchema):
    """Body of ``POST /auth/mfa/factors/{id}/verify``."""

    code = Text(min_length=1, max_length=CODE_MAX_LENGTH)


class FactorProof(RequestSchema):
    """Body of ``DELETE /auth/mfa/factors/{id}``: a code, where no second factor was shown within ten minutes."""

    method = Choice(METHODS, required=False, allow_null=True)
    code = Text(required=False, allow_null=True, max_length=CODE_MAX_LENGTH)


class RecoveryCodesRequest(FactorProof):
    """Body of ``POST /auth/mfa/recovery-codes``."""

    count = Count(required=False, allow_null=True, min_value=1, max_value=MAX_RECOVERY_CODES)


class ChallengeCode(RequestSchema):
    """Body of ``POST /auth/mfa/challenges/{id}/verify``."""

    method = Choice(METHODS)
    code = Text(min_length=1, max_length=CODE_MAX_LENGTH)
