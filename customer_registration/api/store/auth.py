"""``/store/auth``: log in in two steps, to a cookie session."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.actors import CUSTOMER
from customer_registration.api import cookies
from customer_registration.api.auth.grants import grant_object
from customer_registration.api.auth.requests import PasswordRequest, login_identifier
from customer_registration.api.base import CustomerViewSet
from customer_registration.api.errors import GuardRefused
from customer_registration.api.representation import customer_object
from customer_registration.api.schema import describe, security, tags
from customer_registration.api.schema.answers import (
    CustomerAnswer,
    MfaRequiredAnswer,
    RefusedCodeError,
    SuccessAnswer,
    VerificationRequiredAnswer,
)
from customer_registration.api.schema.bodies import LoginBody, TwoStepBody
from customer_registration.api.schema.errors import GATES, LIMITED
from customer_registration.api.store.requests import TwoStepCode
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Provider
from customer_registration.exceptions import CodeAttemptsExceeded, InvalidCredentials, InvalidOtp, ProviderNotAllowed
from customer_registration.flows import providers
from customer_registration.flows.passwordless import two_step
from customer_registration.identifiers import Identifier
from customer_registration.tokens import LoginToken

STEP = (CustomerAnswer, MfaRequiredAnswer, VerificationRequiredAnswer)
INVALID = {"error": "OTP is invalid"}  # as the plugin that brought this shape


class TwoStepViewSet(CustomerViewSet):
    """The two steps are public; the session shows itself and ends by its cookie, or shows itself by a bearer."""

    def get_permissions(self) -> Sequence[Any]:
        """Return the guard of the customer's own routes, where there is a session to look at."""
        return super().get_permissions() if self.action == "retrieve" else []

    @describe(
        "startTwoStepLogin",
        summary="Begin to log in",
        tag=tags.LOGIN,
        request=LoginBody,
        answers=STEP,
        raises=(InvalidCredentials, *GATES, *LIMITED),
    )
    def begin(self, request: Request) -> Response:
        """Take the password and send a code; there is no session yet."""
        password = self.validate(PasswordRequest)["password"]
        customer, grant = two_step.begin(self._identifier(), password=password, client=self.client)
        if grant is not None:
            return Response(grant_object(grant, customer))
        return Response({"customer": customer_object(customer)})

    @describe(
        "finishTwoStepLogin",
        summary="Finish logging in",
        tag=tags.LOGIN,
        request=TwoStepBody,
        answers=STEP,
        raises=(InvalidCredentials, *GATES, *LIMITED),
        refusal=RefusedCodeError,
        sets_cookie=True,
    )
    def finish(self, request: Request) -> Response:
        """Take the code and open a cookie session."""
        typed = self.validate(TwoStepCode)["otp"]
        cookies.refuse_unusable(request._request)  # before the code is used up
        try:
            customer, grant = two_step.finish(self._identifier(), typed=typed, client=self.client)
        except (InvalidOtp, CodeAttemptsExceeded):  # one answer: only people halfway through could be told more
            return Response(INVALID, status=400)
        if grant.challenge is not None or grant.verify_first is not None:
            return Response(grant_object(grant, customer))
        cookies.store_claims(request._request, LoginToken.read(grant.token).claims)
        response = Response({"customer": customer_object(customer)})
        cookies.set_cookie(request._request, response)
        return response

    @describe(
        "getSessionCustomer",
        summary="Show the session's customer",
        tag=tags.SESSIONS,
        answers=(CustomerAnswer,),
        access=security.CUSTOMER,
    )
    def retrieve(self, request: Request) -> Response:
        """Show the customer."""
        return Response({"customer": customer_object(self.customer, fields=request.query_params.get("fields"))})

    @describe(
        "endTwoStepLogin",
        summary="End the cookie session",
        tag=tags.SESSIONS,
        answers=(SuccessAnswer,),
        access=(security.COOKIE,),
    )
    def destroy(self, request: Request) -> Response:
        """Forget the claims; a bearer stays valid."""
        if not cookies.forget_claims(request._request):
            raise GuardRefused
        return Response({"success": True})

    def _identifier(self) -> Identifier:
        return login_identifier(self.body, {}, _kinds())


def _kinds() -> tuple[IdentifierKind, ...]:
    """Return the kinds of identifier that log in by password, whichever provider takes them."""
    try:
        return providers.kinds_of(CUSTOMER, Provider.EMAILPASS, mode=config().login_mode)
    except ProviderNotAllowed:
        return providers.kinds_of(CUSTOMER, Provider.PHONEPASS, mode=config().login_mode)
