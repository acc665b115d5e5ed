"""``/auth/token/refresh``."""

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.auth.identities import grant_object
from customer_registration.api.authentication import HasIdentity
from customer_registration.api.base import BaseViewSet
from customer_registration.api.schema import TokenAnswer, describe
from customer_registration.flows import sessions
from customer_registration.flows.sessions import Session


class SessionViewSet(BaseViewSet):
    """Routes for any live token, registration tokens included."""

    permission_classes = [HasIdentity]

    @describe("Renew a token", answer=TokenAnswer, guarded=True)
    def refresh(self, request: Request) -> Response:
        """Renew the token; the body is ignored."""
        session = cast(Session, self.session)
        return Response(grant_object(sessions.refresh(session), session.customer))
