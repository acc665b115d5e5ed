"""``/store/customers/account-deletion``: leave for good, and change one's mind."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import CustomerViewSet, StoreViewSet
from customer_registration.api.representation import deletion_object, timestamp
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import CodeFlowAnswer
from customer_registration.api.schema.deletion import DeletionAnswer
from customer_registration.api.schema.errors import LIMITED, WRONG_CODE
from customer_registration.api.schema.security import CUSTOMER
from customer_registration.api.store.requests import DeletionCancelRequest, DeletionConfirm, DeletionRequest
from customer_registration.exceptions import ChannelUnavailable, InvalidToken, LimiterUnavailable, StaffAccount
from customer_registration.flows.deletion import cancellation, requests


class DeletionViewSet(CustomerViewSet):
    """The customer's own account."""

    @describe(
        "requestAccountDeletion",
        summary="Ask for the account's deletion",
        tag=tags.DELETION,
        request=DeletionRequest,
        answers=(CodeFlowAnswer,),
        access=CUSTOMER,
        raises=(StaffAccount, ChannelUnavailable, *LIMITED),
    )
    def create(self, request: Request) -> Response:
        """Send a code to the customer."""
        reason = self.validate(DeletionRequest).get("reason") or ""
        challenge = requests.request(self.customer, reason=reason, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})


class DeletionCodeViewSet(StoreViewSet):
    """Public routes, since whoever is leaving cannot log in: the code is the proof."""

    @describe(
        "confirmAccountDeletion",
        summary="Confirm the account's deletion",
        tag=tags.DELETION,
        request=DeletionConfirm,
        answers=(DeletionAnswer,),
        raises=(InvalidToken, StaffAccount, LimiterUnavailable, *WRONG_CODE),
    )
    def confirm(self, request: Request) -> Response:
        """Schedule the erasure; every session ends."""
        return Response({"request": deletion_object(requests.confirm(**self.validate(DeletionConfirm)))})

    @describe(
        "requestDeletionCancellation",
        summary="Ask to keep the account",
        tag=tags.DELETION,
        request=DeletionCancelRequest,
        answers=(CodeFlowAnswer,),
        raises=LIMITED,
    )
    def ask_to_cancel(self, request: Request) -> Response:
        """Send a code to whoever is leaving; everybody else is answered alike."""
        identifier = self.validate(DeletionCancelRequest)["identifier"]
        challenge = cancellation.request(identifier, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})

    @describe(
        "confirmDeletionCancellation",
        summary="Keep the account",
        tag=tags.DELETION,
        request=DeletionConfirm,
        answers=(DeletionAnswer,),
        raises=(InvalidToken, *LIMITED, *WRONG_CODE),
    )
    def cancel(self, request: Request) -> Response:
        """Cancel the deletion; logging in works again."""
        return Response({"request": deletion_object(cancellation.confirm(**self.validate(DeletionConfirm)))})
