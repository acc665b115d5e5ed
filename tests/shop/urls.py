"""The API, and two pages of the shop's own that its vendors read."""

from typing import Any

from django.urls import include, path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.authentication import BearerAuthentication, is_actor


@api_view(["GET"])
@authentication_classes([BearerAuthentication])
@permission_classes([is_actor("vendor")])
def stall(request: Request) -> Response:
    """Answer with the vendor who asks."""
    session: Any = request.auth
    return Response({"handle": session.entity.handle, "actor_id": session.token.actor_id})


@api_view(["GET"])
@authentication_classes([BearerAuthentication])
@permission_classes([is_actor("vendor", "user", "customer")])
def market(request: Request) -> Response:
    """Answer with whoever asks."""
    session: Any = request.auth
    return Response({"actor_type": session.token.actor_type})


urlpatterns = [path("stall", stall), path("market", market), path("", include("customer_registration.urls"))]
