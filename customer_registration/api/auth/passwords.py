"""``/auth/{actor}/{provider}/reset-password`` and ``/update``."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.actors import CUSTOMER
from customer_registration.api.auth.requests import PasswordUpdate, claimed_identifiers, reset_identifier
from customer_registration.api.authentication import bearer_of
from customer_registration.api.base import BaseViewSet
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.answers import SuccessAnswer
from customer_registration.api.schema.bodies import ResetBody
from customer_registration.api.schema.errors import LIMITED
from customer_registration.api.schema.security import NOBODY, RESET
from customer_registration.conf import config
from customer_registration.enums import Provider
from customer_registration.exceptions import InvalidToken, PasswordRejected, ProviderNotAllowed
from customer_registration.flows import password_reset, providers

CREATED = "Created"


class PasswordResetViewSet(BaseViewSet):
    """Public routes: known and unknown people are answered alike."""

    @describe(
        "requestPasswordReset",
        summary="Ask for a password reset",
        tag=tags.PASSWORDS,
        request=ResetBody,
        status=201,
        text=CREATED,
        raises=(ProviderNotAllowed, *LIMITED),
    )
    def create(self, request: Request, actor: str, provider: str) -> HttpResponse:
        """Send a reset link; the answer is text, whatever ``Accept`` says, as the SDK wants it."""
        if actor != CUSTOMER or provider == Provider.OTP:
            raise ProviderNotAllowed(actor, provider)
        kinds = providers.kinds_of(actor, provider, mode=config().login_mode)
        password_reset.request(reset_identifier(self.body, kinds), provider=provider, client=self.client)
        return HttpResponse(CREATED, status=201, content_type="text/plain; charset=utf-8")

    @describe(
        "completePasswordReset",
        summary="Set a new password",
        tag=tags.PASSWORDS,
        request=PasswordUpdate,
        answers=(SuccessAnswer,),
        access=(RESET, NOBODY),
        raises=(InvalidToken, PasswordRejected),
    )
    def update(self, request: Request, actor: str, provider: str) -> Response:
        """Set a new password with the link's token, as bearer or in the body. JSON first, then token, then schema."""
        token: Any = self.body["token"] if "token" in self.body else bearer_of(request)
        link = password_reset.open_link(token, actor=actor, provider=provider)
        data = self.validate(PasswordUpdate)
        claimed = claimed_identifiers(data)
        password_reset.complete(link, password=data["password"], claimed=claimed, client=self.client)
        return Response({"success": True})
