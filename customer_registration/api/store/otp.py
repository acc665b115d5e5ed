"""``/store/customers/otp``: send and verify one-time codes."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import StoreViewSet
from customer_registration.api.representation import customer_object, timestamp
from customer_registration.api.schema import ChallengeAnswer, VerifiedAnswer, describe
from customer_registration.api.store.requests import OtpSend, OtpVerify
from customer_registration.enums import IdentifierKind
from customer_registration.flows import verification


class OtpViewSet(StoreViewSet):
    """Public routes: known and unknown customers are answered alike."""

    @describe("Send a verification code", request=OtpSend, answer=ChallengeAnswer)
    def send(self, request: Request) -> Response:
        """Send a code to the customer's e-mail or phone."""
        data = self.validate(OtpSend)
        kind = IdentifierKind(data["type"].removesuffix("_verification"))
        challenge = verification.send(data["customer_id"], kind, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})

    @describe("Verify a code", request=OtpVerify, answer=VerifiedAnswer)
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
