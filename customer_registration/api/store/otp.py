"""``/store/customers/otp``: send and verify one-time codes."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import StoreViewSet
from customer_registration.api.representation import customer_object, timestamp
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import CodeFlowAnswer, VerifiedAnswer
from customer_registration.api.schema.errors import LIMITED, WRONG_CODE
from customer_registration.api.store.requests import OtpSend, OtpVerify
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import (
    AlreadyVerified,
    ChannelUnavailable,
    CustomerExists,
    InvalidToken,
    LimiterUnavailable,
)
from customer_registration.flows import verification


class OtpViewSet(StoreViewSet):
    """Public routes: known and unknown customers are answered alike."""

    @describe(
        "sendCode",
        summary="Send a verification code",
        tag=tags.VERIFICATION,
        request=OtpSend,
        answers=(CodeFlowAnswer,),
        raises=(AlreadyVerified, ChannelUnavailable, *LIMITED),
    )
    def send(self, request: Request) -> Response:
        """Send a code to the customer's e-mail or phone."""
        data = self.validate(OtpSend)
        kind = IdentifierKind(data["type"].removesuffix("_verification"))
        challenge = verification.send(data["customer_id"], kind, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})

    @describe(
        "verifyCode",
        summary="Verify a code",
        tag=tags.VERIFICATION,
        request=OtpVerify,
        answers=(VerifiedAnswer,),
        raises=(InvalidToken, CustomerExists, LimiterUnavailable, *WRONG_CODE),
    )
    def verify(self, request: Request) -> Response:
        """Prove the contact, and log in where every gate is open."""
        verified = verification.verify(**self.validate(OtpVerify), client=self.client)
        customer = customer_object(verified.customer)
        return Response(
            {
                "verified": True,
                "email_verified": customer["email_verified"],
                "phone_verified": customer["phone_verified"],
                "customer": customer if verified.customer.is_registered else None,
                "token": verified.token,
                "needs_login": verified.token is None,
            }
        )
