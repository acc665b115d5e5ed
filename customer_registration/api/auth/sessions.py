"""``/auth/session`` and ``/auth/token/refresh``."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api import cookies
from customer_registration.api.auth.grants import grant_object
from customer_registration.api.authentication import BearerAuthentication, HasIdentity
from customer_registration.api.base import BaseViewSet
from customer_registration.api.errors import GuardRefused
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import GRANT, ClaimsAnswer, SuccessAnswer
from customer_registration.api.schema.errors import GATES, LIMITED
from customer_registration.api.schema.security import COOKIE, IDENTITY, LOGIN, REGISTRATION, STAFF
from customer_registration.exceptions import InvalidToken
from customer_registration.flows import sessions


class RefreshViewSet(BaseViewSet):
    """Any live token or cookie session, registration tokens included."""

    permission_classes = [HasIdentity]

    @describe(
        "refreshToken",
        summary="Renew a token",
        tag=tags.SESSIONS,
        answers=GRANT,
        access=(*IDENTITY, STAFF),
        raises=(InvalidToken, *GATES, *LIMITED),
    )
    def create(self, request: Request) -> Response:
        """Renew the token; the body is ignored, and a cookie session keeps the claims it has."""
        session = self.known_session
        return Response(grant_object(sessions.refresh(session, client=self.client), session.customer))


class SessionViewSet(BaseViewSet):
    """A cookie session: opened by a bearer alone, ended by its cookie alone."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [HasIdentity]

    def get_permissions(self) -> Sequence[Any]:
        """Return no guard for the end: whatever has become of the claims, their owner may forget them."""
        return [] if self.action == "destroy" else super().get_permissions()

    @describe(
        "openSession",
        summary="Open a cookie session",
        tag=tags.SESSIONS,
        answers=(ClaimsAnswer,),
        access=(LOGIN, REGISTRATION, STAFF),
        raises=LIMITED,
        sets_cookie=True,
    )
    def create(self, request: Request) -> Response:
        """Keep the token's claims behind a cookie, under a new session id."""
        sessions.count_opening(self.client)
        claims = self.known_session.token.claims
        cookies.store_claims(request._request, claims)
        response = Response({"user": claims})
        cookies.set_cookie(request._request, response)
        return response

    @describe(
        "endSession",
        summary="End a cookie session",
        tag=tags.SESSIONS,
        answers=(SuccessAnswer,),
        access=(COOKIE,),
    )
    def destroy(self, request: Request) -> Response:
        """Forget the claims; a bearer stays valid."""
        if not cookies.forget_claims(request._request):
            raise GuardRefused
        return Response({"success": True})
