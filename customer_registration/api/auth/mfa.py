"""``/auth/mfa``: second factors, recovery codes, and the second step of a login."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.auth.grants import grant_object
from customer_registration.api.auth.mfa_requests import (
    ChallengeCode,
    FactorCode,
    FactorEnrolment,
    FactorProof,
    RecoveryCodesRequest,
)
from customer_registration.api.authentication import IsCustomer
from customer_registration.api.base import CustomerIdentityViewSet
from customer_registration.api.representation import timestamp
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import TokenAnswer, VerificationRequiredAnswer
from customer_registration.api.schema.errors import GATES, LIMITED, WRONG_SECOND_FACTOR
from customer_registration.api.schema.second_factor import (
    EnrolmentAnswer,
    FactorAnswer,
    FactorsAnswer,
    RecoveryCodesAnswer,
)
from customer_registration.api.schema.security import CUSTOMER, REGISTRATION
from customer_registration.enums import FactorProvider
from customer_registration.exceptions import (
    ChallengeNotFound,
    ChannelUnavailable,
    FactorExists,
    FactorNotFound,
    FactorRequired,
    FactorUnavailable,
    InvalidToken,
    LimiterUnavailable,
    ReauthenticationRequired,
)
from customer_registration.flows.second_factor import completion, factors, recovery, removal
from customer_registration.models import SecondFactor


class FactorViewSet(CustomerIdentityViewSet):
    """The factors of a customer who exists."""

    permission_classes = [IsCustomer]

    @describe(
        "listMfaFactors",
        summary="List the second factors",
        tag=tags.SECOND_FACTOR,
        answers=(FactorsAnswer,),
        access=CUSTOMER,
    )
    def list(self, request: Request) -> Response:
        """Show what is set up, in force and taken away."""
        return Response({"mfa_factors": [factor_object(factor) for factor in factors.listed(self.customer)]})

    @describe(
        "addMfaFactor",
        summary="Set a second factor up",
        tag=tags.SECOND_FACTOR,
        request=FactorEnrolment,
        answers=(EnrolmentAnswer,),
        access=CUSTOMER,
        raises=(InvalidToken, ChannelUnavailable, FactorExists, FactorUnavailable, ReauthenticationRequired, *LIMITED),
    )
    def create(self, request: Request) -> Response:
        """Set a factor up; it is not asked for before it is verified."""
        data = self.validate(FactorEnrolment)
        made = factors.enrol(
            self.known_session,
            FactorProvider(data["provider"]),
            label=data.get("label"),
            issuer=data.get("issuer"),
            metadata=data.get("metadata") or {},
            client=self.client,
        )
        shown = {"secret": made.secret, "otpauth_url": made.otpauth_url, "qr_svg": made.qr_svg}
        for_apps = {name: value for name, value in shown.items() if value is not None}
        return Response({"mfa_factor": factor_object(made.factor), **for_apps})

    @describe(
        "verifyMfaFactor",
        summary="Put a second factor in force",
        tag=tags.SECOND_FACTOR,
        request=FactorCode,
        answers=(FactorAnswer,),
        access=CUSTOMER,
        raises=(
            InvalidToken,
            FactorNotFound,
            FactorExists,
            FactorUnavailable,
            ReauthenticationRequired,
            LimiterUnavailable,
            *WRONG_SECOND_FACTOR,
        ),
    )
    def verify(self, request: Request, factor_id: str) -> Response:
        """Take the first code; every later login asks for one."""
        factor = factors.enable(self.known_session, factor_id, code=self.validate(FactorCode)["code"])
        return Response({"mfa_factor": factor_object(factor)})

    @describe(
        "removeMfaFactor",
        summary="Take a second factor away",
        tag=tags.SECOND_FACTOR,
        request=FactorProof,
        answers=(FactorAnswer,),
        access=CUSTOMER,
        raises=(
            InvalidToken,
            FactorNotFound,
            FactorUnavailable,
            ReauthenticationRequired,
            LimiterUnavailable,
            *WRONG_SECOND_FACTOR,
        ),
    )
    def destroy(self, request: Request, factor_id: str) -> Response:
        """Take a factor out of force, with proof."""
        data = self.validate(FactorProof)
        factor = removal.remove(self.known_session, factor_id, method=data.get("method"), code=data.get("code"))
        return Response({"mfa_factor": factor_object(factor)})


class RecoveryCodesViewSet(CustomerIdentityViewSet):
    """The recovery codes of a customer who exists."""

    permission_classes = [IsCustomer]

    @describe(
        "makeRecoveryCodes",
        summary="Make recovery codes",
        tag=tags.SECOND_FACTOR,
        request=RecoveryCodesRequest,
        answers=(RecoveryCodesAnswer,),
        access=CUSTOMER,
        raises=(
            InvalidToken,
            FactorRequired,
            FactorUnavailable,
            ReauthenticationRequired,
            LimiterUnavailable,
            *WRONG_SECOND_FACTOR,
        ),
    )
    def create(self, request: Request) -> Response:
        """Make a new set, in place of the older one."""
        data = self.validate(RecoveryCodesRequest)
        made = recovery.make(
            self.known_session, count=data.get("count"), method=data.get("method"), code=data.get("code")
        )
        return Response({"recovery_codes": made})


class MfaChallengeViewSet(CustomerIdentityViewSet):
    """The second step of a login: for the token that came with the challenge."""

    @describe(
        "verifyMfaChallenge",
        summary="Answer a challenge",
        tag=tags.SECOND_FACTOR,
        request=ChallengeCode,
        answers=(TokenAnswer, VerificationRequiredAnswer),
        access=(REGISTRATION,),
        raises=(ChallengeNotFound, FactorUnavailable, LimiterUnavailable, *WRONG_SECOND_FACTOR, *GATES),
    )
    def verify(self, request: Request, challenge_id: str) -> Response:
        """Take the code and return the token that the login was for."""
        data = self.validate(ChallengeCode)
        grant = completion.complete(self.known_session, challenge_id, **data, client=self.client)
        return Response(grant_object(grant, self.customer))


def factor_object(factor: SecondFactor) -> dict[str, Any]:
    """Return a second factor, without what makes it one."""
    return {
        "id": factor.pk,
        "auth_identity_id": factor.customer.auth_identity_id,
        "provider": factor.provider,
        "status": factor.status,
        "metadata": factor.metadata,
        "created_at": timestamp(factor.created_at),
        "updated_at": timestamp(factor.updated_at),
        "deleted_at": None,
    }
