"""The shop's own routes, by the customer's bearer token."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from customer_registration.api.authentication import BearerAuthentication, CookieAuthentication, is_actor
from shop.models import Order


class Orders(APIView):
    """A customer's orders."""

    authentication_classes = [BearerAuthentication, CookieAuthentication]
    permission_classes = [is_actor("customer")]

    def get(self, request):
        """List them."""
        return Response({"orders": [order.item for order in request.auth.customer.orders.order_by("pk")]})

    def post(self, request):
        """Place one."""
        order = Order.objects.create(customer=request.auth.customer, item=request.data["item"])
        return Response({"order": order.item}, status=201)


class Desk(APIView):
    """How many orders there are, for whoever is logged in to Django."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [IsAuthenticated]

    def get(self, request):
        """Count them."""
        return Response({"orders": Order.objects.count()})
