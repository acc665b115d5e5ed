"""Requests to delete an account."""

from typing import Any

from rest_framework import serializers

from customer_registration.api.schema.words import Word
from customer_registration.enums import DeletionStatus


class DeletionObject(serializers.Serializer[Any]):
    """A deletion request."""

    id = serializers.CharField()
    customer_id = serializers.CharField()
    status = Word(*DeletionStatus.values)
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
