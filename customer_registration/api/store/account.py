"""``/store/customers/me/password``, ``/me/logout-all``, ``/me/contact`` and ``/contact/undo``."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import CustomerViewSet, StoreViewSet
from customer_registration.api.representation import customer_object, timestamp
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import CodeFlowAnswer, ContactAnswer, NewTokenAnswer, SuccessAnswer
from customer_registration.api.schema.errors import LIMITED, WRONG_CODE
from customer_registration.api.schema.security import CUSTOMER
from customer_registration.api.store.requests import ContactChange, ContactUndo, ContactVerify, PasswordChange
from customer_registration.exceptions import (
    AlreadyVerified,
    ChannelUnavailable,
    ContactTaken,
    CustomerExists,
    InvalidToken,
    LimiterUnavailable,
    PasswordRejected,
    ReauthenticationRequired,
    StaffAccount,
    Throttled,
    WrongPassword,
)
from customer_registration.flows import contact_change, contact_undo, password_change, sessions


class ContactViewSet(CustomerViewSet):
    """Change a customer's e-mail or phone; the code goes to the new address."""

    @describe(
        "changeContact",
        summary="Ask for a contact change",
        tag=tags.PROFILE,
        request=ContactChange,
        answers=(CodeFlowAnswer,),
        access=CUSTOMER,
        raises=(AlreadyVerified, ChannelUnavailable, StaffAccount, ReauthenticationRequired, *LIMITED),
    )
    def create(self, request: Request) -> Response:
        """Send a code to the new contact."""
        contact = self.validate(ContactChange)["contact"]
        challenge = contact_change.request(self.known_session, contact, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})

    @describe(
        "verifyContact",
        summary="Confirm a contact change",
        tag=tags.PROFILE,
        request=ContactVerify,
        answers=(ContactAnswer,),
        access=CUSTOMER,
        raises=(InvalidToken, StaffAccount, CustomerExists, LimiterUnavailable, *WRONG_CODE),
    )
    def verify(self, request: Request) -> Response:
        """Apply the change; every older token dies with it."""
        changed = contact_change.confirm(self.known_session, **self.validate(ContactVerify))
        return Response({"customer": customer_object(changed.customer), "token": changed.token})


class ContactUndoViewSet(StoreViewSet):
    """A public route: whoever reads the old contact's messages may take the change back."""

    @describe(
        "undoContactChange",
        summary="Take a contact change back",
        tag=tags.PROFILE,
        request=ContactUndo,
        answers=(SuccessAnswer,),
        raises=(InvalidToken, ContactTaken, Throttled),
    )
    def create(self, request: Request) -> Response:
        """Restore the old contact."""
        contact_undo.undo(self.validate(ContactUndo)["token"])
        return Response({"success": True})


class PasswordViewSet(CustomerViewSet):
    """The customer's own password."""

    @describe(
        "changePassword",
        summary="Change the password",
        tag=tags.PASSWORDS,
        request=PasswordChange,
        answers=(NewTokenAnswer,),
        access=CUSTOMER,
        raises=(InvalidToken, WrongPassword, ReauthenticationRequired, StaffAccount, PasswordRejected, *LIMITED),
    )
    def create(self, request: Request) -> Response:
        """Change it with the old one, or set the first one."""
        data = self.validate(PasswordChange)
        token = password_change.change(
            self.known_session, old_password=data.get("old_password"), password=data["password"], client=self.client
        )
        return Response({"token": token})


class LogoutAllViewSet(CustomerViewSet):
    """Every device."""

    @describe(
        "logOutEverywhere",
        summary="Log out everywhere",
        tag=tags.SESSIONS,
        answers=(SuccessAnswer,),
        access=CUSTOMER,
    )
    def create(self, request: Request) -> Response:
        """End every session, this one included."""
        sessions.end_all(self.known_session)
        return Response({"success": True})
