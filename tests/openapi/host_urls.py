"""A project with routes of its own, without ours and, in `host_with_us_urls`, with ours."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customer_registration.api.authentication import BearerAuthentication, is_actor


class Order(serializers.Serializer[Any]):
    """An order."""

    status = serializers.ChoiceField(choices=["open", "paid"])
    provider = serializers.ChoiceField(choices=["card", "invoice"])
    type = serializers.ChoiceField(choices=["gift", "own"])


class OrderView(APIView):
    """Orders of a customer."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [is_actor("customer")]

    @extend_schema(responses=Order)
    def get(self, request: Request) -> Response:
        """Show the order."""
        return Response({"status": "open", "provider": "card", "type": "own"})


urlpatterns = [path("orders", OrderView.as_view())]
