"""``/store/customers/account-deletion``: leave for good, and change one's mind."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import CustomerViewSet, StoreViewSet
from customer_registration.api.representation import deletion_object, timestamp
from customer_registration.api.schema import ChallengeAnswer, DeletionAnswer, describe
from customer_registration.api.store.requests import DeletionCancelRequest, DeletionConfirm, DeletionRequest
from customer_registration.flows.deletion import cancellation, requests


class DeletionViewSet(CustomerViewSet):
    """The customer's own account."""

    @describe("Ask for the account's deletion", request=DeletionRequest, answer=ChallengeAnswer, guarded=True)
    def create(self, request: Request) -> Response:
        """Send a code to the customer."""
        reason = self.validate(DeletionRequest).get("reason") or ""
        challenge = requests.request(self.customer, reason=reason, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})


class DeletionCodeViewSet(StoreViewSet):
    """Public routes, since whoever is leaving cannot log in: the code is the proof."""

    @describe("Confirm the account's deletion", request=DeletionConfirm, answer=DeletionAnswer)
    def confirm(self, request: Request) -> Response:
        """Schedule the erasure; every session ends."""
        return Response({"request": deletion_object(requests.confirm(**self.validate(DeletionConfirm)))})

    @describe("Ask to keep the account", request=DeletionCancelRequest, answer=ChallengeAnswer)
    def ask_to_cancel(self, request: Request) -> Response:
        """Send a code to whoever is leaving; everybody else is answered alike."""
        identifier = self.validate(DeletionCancelRequest)["identifier"]
        challenge = cancellation.request(identifier, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})

    @describe("Keep the account", request=DeletionConfirm, answer=DeletionAnswer)
    def cancel(self, request: Request) -> Response:
        """Cancel the deletion; logging in works again."""
        return Response({"request": deletion_object(cancellation.confirm(**self.validate(DeletionConfirm)))})
