"""``/auth/{actor}/{provider}``: register, log in, list providers."""

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.auth.grants import grant_object
from customer_registration.api.auth.requests import (
    PasswordRequest,
    login_identifier,
    login_password,
    registration_identifier,
)
from customer_registration.api.base import BaseViewSet
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import GRANT, ProvidersAnswer, TokenAnswer
from customer_registration.api.schema.bodies import LoginBody, LoginQuery, RegisterBody
from customer_registration.api.schema.errors import GATES, LIMITED
from customer_registration.conf import config
from customer_registration.exceptions import IdentityExists, InvalidCredentials, PasswordRejected, ProviderNotAllowed
from customer_registration.flows import login, providers, registration

DISPLAY_NAMES = {
    "emailpass": "Email/Password Authentication",
    "phonepass": "Phone/Password Authentication",
    "otp": "One-Time Code Authentication",
}


class IdentityViewSet(BaseViewSet):
    """Public routes: a stored bearer, stale or junk, is not looked at."""

    @describe(
        "registerCustomer",
        summary="Register an identity",
        tag=tags.REGISTRATION,
        request=RegisterBody,
        answers=(TokenAnswer,),
        raises=(ProviderNotAllowed, PasswordRejected, IdentityExists, *LIMITED),
    )
    def register(self, request: Request, actor: str, provider: str) -> Response:
        """Claim an identifier with a password."""
        if actor != "customer":
            raise ProviderNotAllowed(actor, provider)
        kinds = providers.kinds_of(actor, provider, mode=config().registration.identifier)
        password = self.validate(PasswordRequest)["password"]
        identifier = registration_identifier(self.body, kinds)
        return Response({"token": registration.register(identifier, password=password, client=self.client).token})

    @describe(
        "logIn",
        summary="Log in",
        tag=tags.LOGIN,
        request=LoginBody,
        query=LoginQuery,
        answers=GRANT,
        raises=(ProviderNotAllowed, InvalidCredentials, *GATES, *LIMITED),
    )
    def login(self, request: Request, actor: str, provider: str) -> Response:
        """Log a customer or a staff user in."""
        kinds = providers.kinds_of(actor, provider, mode=config().login_mode)
        query = request.query_params.dict()
        password = login_password(self.body, query)
        identifier = login_identifier(self.body, query, kinds)
        if actor == "user":
            return Response({"token": login.login_staff(identifier, password=password, client=self.client)})
        customer, grant = login.login(identifier, password=password, client=self.client)
        return Response(grant_object(grant, customer))

    @describe(
        "listProviders", summary="List the providers of an actor type", tag=tags.LOGIN, answers=(ProvidersAnswer,)
    )
    def providers(self, request: Request, actor: str) -> Response:
        """Say how an actor type can log in."""
        offered = [
            {
                "id": provider.value,
                "identifier": provider.value,
                "display_name": DISPLAY_NAMES[provider.value],
                "flow": "credentials",
            }
            for provider in providers.offered(actor)
        ]
        return Response({"providers": offered})
