"""``/auth/verification``: the SDK's own flow, on the engine of ``/store/customers/otp``."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.auth.requests import VerificationConfirm, VerificationRequest
from customer_registration.api.base import BaseViewSet, CustomerIdentityViewSet
from customer_registration.api.errors import GuardRefused
from customer_registration.api.representation import timestamp
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.errors import LIMITED
from customer_registration.api.schema.security import IDENTITY, NOBODY
from customer_registration.api.schema.verification import ConfirmationAnswer, VerificationAnswer
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import (
    ChannelUnavailable,
    CodeAttemptsExceeded,
    CodeExpired,
    CustomerExists,
    InvalidCode,
    LimiterUnavailable,
    NotAllowed,
)
from customer_registration.flows import verification_requests
from customer_registration.flows.identify import identify
from customer_registration.flows.verification_requests import Verification


class VerificationRequestViewSet(CustomerIdentityViewSet):
    """Ask for a link or a code; registration tokens may."""

    @describe(
        "requestVerification",
        summary="Ask for a verification",
        tag=tags.VERIFICATION,
        request=VerificationRequest,
        answers=(VerificationAnswer,),
        status=201,
        access=IDENTITY,
        raises=(ChannelUnavailable, *LIMITED),
    )
    def create(self, request: Request) -> Response:
        """Send a link, or a code, to the caller's own contact."""
        data = self.validate(VerificationRequest)
        kind = IdentifierKind(data["entity_type"])
        asked = verification_requests.request(
            self.customer,
            identify(data["entity_id"], kind),
            by_link=data.get("code_provider", "token") == "token",
            metadata=data.get("metadata", {}),
            client=self.client,
        )
        return Response({"verification": verification_object(asked)}, status=201)


class VerificationConfirmViewSet(BaseViewSet):
    """Bring the link's value back, by itself, or the code, with the person's bearer."""

    @describe(
        "confirmVerification",
        summary="Confirm a verification",
        tag=tags.VERIFICATION,
        request=VerificationConfirm,
        answers=(ConfirmationAnswer,),
        access=(NOBODY, *IDENTITY),
        raises=(GuardRefused, NotAllowed, CustomerExists, LimiterUnavailable),
    )
    def create(self, request: Request) -> Response:
        """Prove the contact; no token is given for it."""
        data = self.validate(VerificationConfirm)
        by_link = data.get("code_provider", "token" if "." in data["code"] else "otp") == "token"
        try:
            done = verification_requests.confirm_link(data["code"]) if by_link else self._confirm_code(data["code"])
        except CodeExpired as error:
            raise NotAllowed("Verification code has expired") from error
        except (InvalidCode, CodeAttemptsExceeded) as error:
            raise NotAllowed("Verification code is invalid or already used") from error
        return Response(
            {
                "entity_id": done.contact.value,
                "entity_type": done.contact.kind.value,
                "code_provider": done.code_provider,
                "verified_at": timestamp(done.verified_at),
            }
        )

    def _confirm_code(self, code: str) -> Verification:
        if self.session is None or self.session.customer is None:
            raise GuardRefused
        return verification_requests.confirm_code(self.session.customer, code=code)


def verification_object(row: Verification) -> dict[str, Any]:
    """Return a verification with the reference's keys, less its ``provider_metadata``, which holds a secret there."""
    identity = row.customer.auth_identity_id
    return {
        "id": f"authver_{row.row_id or identity.removeprefix('authid_')}",
        "auth_identity_id": identity,
        "entity_id": row.contact.value,
        "entity_type": row.contact.kind.value,
        "code_provider": row.code_provider,
        "verified_at": timestamp(row.verified_at),
        "requested_at": timestamp(row.requested_at),
        "metadata": row.metadata,
        "created_at": timestamp(row.requested_at),
        "updated_at": timestamp(row.verified_at or row.requested_at),
        "deleted_at": None,
    }
