"""``/store/customers/me/password``, ``/me/logout-all``, ``/me/contact`` and ``/contact/undo``."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.base import CustomerViewSet, StoreViewSet
from customer_registration.api.representation import customer_object, timestamp
from customer_registration.api.schema import (
    ChallengeAnswer,
    ContactAnswer,
    NewTokenAnswer,
    SuccessAnswer,
    describe,
)
from customer_registration.api.store.requests import ContactChange, ContactUndo, ContactVerify, PasswordChange
from customer_registration.flows import contact_change, contact_undo, password_change, sessions


class ContactViewSet(CustomerViewSet):
    """Change a customer's e-mail or phone; the code goes to the new address."""

    @describe("Ask for a contact change", request=ContactChange, answer=ChallengeAnswer, guarded=True)
    def create(self, request: Request) -> Response:
        """Send a code to the new contact."""
        contact = self.validate(ContactChange)["contact"]
        challenge = contact_change.request(self.known_session, contact, client=self.client)
        return Response({"token": challenge.token, "expires_at": timestamp(challenge.expires_at)})

    @describe("Confirm a contact change", request=ContactVerify, answer=ContactAnswer, guarded=True)
    def verify(self, request: Request) -> Response:
        """Apply the change; every older token dies with it."""
        changed = contact_change.confirm(self.known_session, **self.validate(ContactVerify))
        return Response({"customer": customer_object(changed.customer), "token": changed.token})


class ContactUndoViewSet(StoreViewSet):
    """A public route: whoever reads the old contact's messages may take the change back."""

    @describe("Take a contact change back", request=ContactUndo, answer=SuccessAnswer)
    def create(self, request: Request) -> Response:
        """Restore the old contact."""
        contact_undo.undo(self.validate(ContactUndo)["token"])
        return Response({"success": True})


class PasswordViewSet(CustomerViewSet):
    """The customer's own password."""

    @describe("Change the password", request=PasswordChange, answer=NewTokenAnswer, guarded=True)
    def create(self, request: Request) -> Response:
        """Change it with the old one, or set the first one."""
        data = self.validate(PasswordChange)
        token = password_change.change(
            self.known_session, old_password=data.get("old_password"), password=data["password"], client=self.client
        )
        return Response({"token": token})


class LogoutAllViewSet(CustomerViewSet):
    """Every device."""

    @describe("Log out everywhere", answer=SuccessAnswer, guarded=True)
    def create(self, request: Request) -> Response:
        """End every session, this one included."""
        sessions.end_all(self.known_session)
        return Response({"success": True})
