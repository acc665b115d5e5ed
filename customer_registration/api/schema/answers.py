"""What successes carry: customers, tokens, and what stands between the two."""

from typing import Any

from rest_framework import serializers

from customer_registration.api.schema.second_factor import MfaChallengeObject
from customer_registration.api.schema.verification import VerificationObject
from customer_registration.api.schema.words import AlwaysTrue, Word
from customer_registration.enums import Provider


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


class AloneAnswer(serializers.Serializer[Any]):
    """One of several answers to the same request, with exactly these keys, so that each is one and no other."""


class TokenAnswer(AloneAnswer):
    """A token."""

    token = serializers.CharField()


class MfaRequiredAnswer(AloneAnswer):
    """A second factor is asked for; the token speaks for nobody, and only brings its code."""

    mfa_required = AlwaysTrue()
    mfa_challenge = MfaChallengeObject()
    token = serializers.CharField()


class VerificationRequiredAnswer(AloneAnswer):
    """The contact has to be proven first (``LOGIN.UNVERIFIED_RESPONSE = "challenge"``); the token asks for that."""

    verification_required = AlwaysTrue()
    verification = VerificationObject(required=False)
    token = serializers.CharField()


# What a login answers, by whatever road.
GRANT = (TokenAnswer, MfaRequiredAnswer, VerificationRequiredAnswer)


class NewTokenAnswer(serializers.Serializer[Any]):
    """A fresh token, since every older one is dead; null where a gate has closed since the login."""

    token = serializers.CharField(allow_null=True)


class ContactAnswer(NewTokenAnswer):
    """The contact was changed."""

    customer = CustomerObject()


class VerifiedAnswer(serializers.Serializer[Any]):
    """A contact was proven; the token is null, and a login needed, where something else stands in the way."""

    verified = serializers.BooleanField()
    email_verified = serializers.BooleanField()
    phone_verified = serializers.BooleanField()
    customer = CustomerObject(allow_null=True)
    token = serializers.CharField(allow_null=True)
    needs_login = serializers.BooleanField()


class ClaimsAnswer(serializers.Serializer[Any]):
    """What the session keeps: every claim of the token."""

    user = serializers.DictField()


class SuccessAnswer(serializers.Serializer[Any]):
    """It is done."""

    success = serializers.BooleanField()


class CodeFlowAnswer(serializers.Serializer[Any]):
    """A code is on its way; the token is to come back with it."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class CodeSentAnswer(serializers.Serializer[Any]):
    """A code is on its way, or seems to be."""

    message = serializers.CharField()
    token = serializers.CharField()


class ProviderObject(serializers.Serializer[Any]):
    """A way to log in."""

    id = Word(*Provider.values)
    identifier = Word(*Provider.values)
    display_name = serializers.CharField()
    flow = serializers.CharField()


class ProvidersAnswer(serializers.Serializer[Any]):
    """The ways to log in."""

    providers = ProviderObject(many=True)


class RefusedCodeError(AloneAnswer):
    """The code is refused, in the shape of the plugin that brought the two steps."""

    error = serializers.CharField()
