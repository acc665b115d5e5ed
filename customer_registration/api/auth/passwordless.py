"""``/auth/{actor}/otp``: codes by identifier."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.actors import CUSTOMER, ActorType, actor_type
from customer_registration.api.auth.grants import grant_object
from customer_registration.api.auth.passwordless_requests import CodeBrought, CodeRequest
from customer_registration.api.base import BaseViewSet
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import GRANT, CodeSentAnswer, TokenAnswer
from customer_registration.api.schema.errors import GATES, LIMITED
from customer_registration.api.schema.security import COOKIE, LOGIN, NOBODY
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Provider
from customer_registration.exceptions import (
    CodeAttemptsExceeded,
    CrossSiteRequest,
    CustomerExists,
    InvalidOtp,
    NotFound,
    ProviderNotAllowed,
)
from customer_registration.flows import providers
from customer_registration.flows.passwordless import login, others, registration
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.models import Customer

ON_ITS_WAY = "If an account exists with this identifier, an OTP will be sent."
BY_CODE = (ProviderNotAllowed, InvalidOtp, CodeAttemptsExceeded, *LIMITED)
VALIDATE = "Please validate the OTP to continue with the registration process."


class CodeViewSet(BaseViewSet):
    """Public routes: known and unknown people are answered alike."""

    @describe(
        "sendLoginCode",
        summary="Send a code to log in with",
        tag=tags.PASSWORDLESS,
        request=CodeRequest,
        answers=(CodeSentAnswer,),
        raises=(ProviderNotAllowed, NotFound, *LIMITED),
    )
    def generate(self, request: Request, actor: str) -> Response:
        """Send a code, if somebody can log in by the identifier."""
        kinds = self._kinds(actor, mode=config().login_mode)
        identifier = self.validate(CodeRequest)["identifier"]
        if actor == CUSTOMER:
            token = login.generate(identifier, kinds=kinds, client=self.client)
        else:
            token = others.generate(_other(actor), identifier, client=self.client)
        return Response({"message": ON_ITS_WAY, "token": token})

    @describe(
        "logInWithCode",
        summary="Log in with a code",
        tag=tags.PASSWORDLESS,
        request=CodeBrought,
        answers=GRANT,
        access=(NOBODY, LOGIN, COOKIE),
        raises=(*BY_CODE, *GATES),
    )
    def verify(self, request: Request, actor: str) -> Response:
        """Take a code that was sent to log in with."""
        kinds = self._kinds(actor, mode=config().login_mode)
        brought = self._brought(actor)
        if actor == CUSTOMER:
            customer, grant = login.verify(brought, kinds=kinds, caller=self._caller, client=self.client)
            return Response(grant_object(grant, customer))
        return Response({"token": others.verify(_other(actor), brought, client=self.client)})

    @describe(
        "logInWithRegistrationCode",
        summary="Log in with the code just used to register, or a fresh one",
        tag=tags.PASSWORDLESS,
        request=CodeBrought,
        answers=GRANT,
        access=(NOBODY, LOGIN, COOKIE),
        raises=(*BY_CODE, *GATES),
    )
    def log_in(self, request: Request, actor: str) -> Response:
        """Take the code that has just registered the person, once, or one that was sent to log in with."""
        kinds = self._kinds(actor, mode=config().login_mode)
        brought = self._brought(actor)
        if actor == CUSTOMER:
            customer, grant = login.log_in(brought, kinds=kinds, caller=self._caller, client=self.client)
            return Response(grant_object(grant, customer))
        return Response({"token": others.log_in(_other(actor), brought, client=self.client)})

    @describe(
        "sendRegistrationCode",
        summary="Send a code to register with",
        tag=tags.PASSWORDLESS,
        request=CodeRequest,
        answers=(CodeSentAnswer,),
        raises=(ProviderNotAllowed, CustomerExists, *LIMITED),
    )
    def pre_register(self, request: Request, actor: str) -> Response:
        """Send a code, if the identifier is free."""
        kinds = self._kinds(actor, mode=config().registration.identifier)
        identifier = self.validate(CodeRequest)["identifier"]
        if actor == CUSTOMER:
            token = registration.pre_register(identifier, kinds=kinds, client=self.client)
        else:
            token = others.pre_register(_other(actor), identifier, client=self.client)
        return Response({"message": VALIDATE, "token": token})

    @describe(
        "registerWithCode",
        summary="Register with a code",
        tag=tags.PASSWORDLESS,
        request=CodeBrought,
        answers=(TokenAnswer,),
        raises=(*BY_CODE, CustomerExists),
    )
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
