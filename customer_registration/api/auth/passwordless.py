"""``/auth/{actor}/otp``: codes by identifier."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.actors import CUSTOMER, ActorType, actor_type
from customer_registration.api.auth.grants import grant_object
from customer_registration.api.auth.passwordless_requests import CodeBrought, CodeRequest
from customer_registration.api.base import BaseViewSet
from customer_registration.api.schema import CodeSentAnswer, TokenAnswer, describe
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Provider
from customer_registration.exceptions import CrossSiteRequest, ProviderNotAllowed
from customer_registration.flows import providers
from customer_registration.flows.passwordless import login, others, registration
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.models import Customer

ON_ITS_WAY = "If an account exists with this identifier, an OTP will be sent."
VALIDATE = "Please validate the OTP to continue with the registration process."


class CodeViewSet(BaseViewSet):
    """Public routes: known and unknown people are answered alike."""

    @describe("Send a code to log in with", request=CodeRequest, answer=CodeSentAnswer)
    def generate(self, request: Request, actor: str) -> Response:
        """Send a code, if somebody can log in by the identifier."""
        kinds = self._kinds(actor, mode=config().login_mode)
        identifier = self.validate(CodeRequest)["identifier"]
        if actor == CUSTOMER:
            token = login.generate(identifier, kinds=kinds, client=self.client)
        else:
            token = others.generate(_other(actor), identifier, client=self.client)
        return Response({"message": ON_ITS_WAY, "token": token})

    @describe("Log in with a code", request=CodeBrought, answer=TokenAnswer)
    def verify(self, request: Request, actor: str) -> Response:
        """Take a code that was sent to log in with."""
        kinds = self._kinds(actor, mode=config().login_mode)
        brought = self._brought(actor)
        if actor == CUSTOMER:
            customer, grant = login.verify(brought, kinds=kinds, caller=self._caller, client=self.client)
            return Response(grant_object(grant, customer))
        return Response({"token": others.verify(_other(actor), brought, client=self.client)})

    @describe("Log in with the code just used to register, or a fresh one", request=CodeBrought, answer=TokenAnswer)
    def log_in(self, request: Request, actor: str) -> Response:
        """Take the code that has just registered the person, once, or one that was sent to log in with."""
        kinds = self._kinds(actor, mode=config().login_mode)
        brought = self._brought(actor)
        if actor == CUSTOMER:
            customer, grant = login.log_in(brought, kinds=kinds, caller=self._caller, client=self.client)
            return Response(grant_object(grant, customer))
        return Response({"token": others.log_in(_other(actor), brought, client=self.client)})

    @describe("Send a code to register with", request=CodeRequest, answer=CodeSentAnswer)
    def pre_register(self, request: Request, actor: str) -> Response:
        """Send a code, if the identifier is free."""
        kinds = self._kinds(actor, mode=config().registration.identifier)
        identifier = self.validate(CodeRequest)["identifier"]
        if actor == CUSTOMER:
            token = registration.pre_register(identifier, kinds=kinds, client=self.client)
        else:
            token = others.pre_register(_other(actor), identifier, client=self.client)
        return Response({"message": VALIDATE, "token": token})

    @describe("Register with a code", request=CodeBrought, answer=TokenAnswer)
    def register(self, request: Request, actor: str) -> Response:
        """Return a registration token for a proven identifier."""
        self._kinds(actor, mode=config().registration.identifier)
        brought = self._brought(actor)
        if actor == CUSTOMER:
            return Response({"token": registration.register(brought, client=self.client)})
        return Response({"token": others.register(_other(actor), brought, client=self.client)})

    def _kinds(self, actor: str, *, mode: str) -> tuple[IdentifierKind, ...]:
        return providers.kinds_of(actor, Provider.OTP, mode=mode)

    def _brought(self, actor: str) -> Brought:
        data: dict[str, Any] = self.validate(CodeBrought)
        return Brought(Address(actor, data["identifier"]), data["otp"], data.get("token"))

    def _caller(self) -> Customer | None:
        """Return whom the request's bearer or cookie speaks for; another site's page has no say in it."""
        try:
            session = self.session
        except CrossSiteRequest:
            return None
        return session.customer if session else None


def _other(actor: str) -> ActorType:
    found = actor_type(actor)
    if found is None:
        raise ProviderNotAllowed(actor, Provider.OTP)
    return found
