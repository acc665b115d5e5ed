"""OpenAPI descriptions of bodies that depend on the project's modes, and of query strings."""

from typing import Any

from rest_framework import serializers

from customer_registration.api.admin.requests import MAX_LIMIT, MAX_OFFSET, ORDERS, TEXT_MAX_LENGTH
from customer_registration.api.schema.words import Word
from customer_registration.api.validation import PASSWORD_MAX_LENGTH
from customer_registration.enums import DeletionStatus


class RegisterBody(serializers.Serializer[Any]):
    """The identifier that the project registers by, and a password; further keys are ignored."""

    password = serializers.CharField(max_length=PASSWORD_MAX_LENGTH)
    email = serializers.EmailField(required=False)
    phone = serializers.CharField(required=False)


class LoginBody(serializers.Serializer[Any]):
    """Exactly one identifier, where null is as none, and a password; further keys are ignored."""

    password = serializers.CharField(max_length=PASSWORD_MAX_LENGTH)
    email = serializers.CharField(required=False, allow_null=True)
    phone = serializers.CharField(required=False, allow_null=True)
    email_or_phone = serializers.CharField(required=False, allow_null=True)


class LoginQuery(serializers.Serializer[Any]):
    """The identifier, where the body has none."""

    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    email_or_phone = serializers.CharField(required=False)


class TwoStepBody(serializers.Serializer[Any]):
    """Exactly one identifier, where null is as none, and the code; further keys are ignored."""

    email = serializers.CharField(required=False, allow_null=True)
    phone = serializers.CharField(required=False, allow_null=True)
    email_or_phone = serializers.CharField(required=False, allow_null=True)
    otp = serializers.CharField()


class ResetBody(serializers.Serializer[Any]):
    """Exactly one identifier of a kind that logs in; ``identifier`` is read as ``email_or_phone``."""

    identifier = serializers.CharField(required=False, allow_null=True)
    email = serializers.CharField(required=False, allow_null=True)
    phone = serializers.CharField(required=False, allow_null=True)
    email_or_phone = serializers.CharField(required=False, allow_null=True)
    metadata = serializers.DictField(required=False, allow_null=True)


class StaffDeletionsQuery(serializers.Serializer[Any]):
    """Filters, order and page of a list of deletion requests."""

    status = Word(*DeletionStatus.values, required=False)
    customer_id = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_MAX_LENGTH)
    q = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_MAX_LENGTH)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=MAX_OFFSET)
    order = Word(*ORDERS, *(f"-{name}" for name in ORDERS), required=False)
