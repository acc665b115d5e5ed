"""``/admin/account-deletion-requests``: what staff look up, by JWT or with the session of Django's admin."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.admin.requests import deletion_requests
from customer_registration.api.authentication import BearerAuthentication, CookieAuthentication, IsStaff, StaffSession
from customer_registration.api.base import BaseViewSet
from customer_registration.api.representation import deletion_object_for_staff
from customer_registration.api.schema import describe, tags
from customer_registration.api.schema.bodies import StaffDeletionsQuery
from customer_registration.api.schema.deletion import StaffDeletionAnswer, StaffDeletionsAnswer
from customer_registration.api.schema.security import COOKIE, STAFF, STAFF_SESSION
from customer_registration.exceptions import NotFound, StaffOnly
from customer_registration.flows.storable import is_storable
from customer_registration.models import AccountDeletionRequest


class DeletionRequestViewSet(BaseViewSet):
    """Read only: what changes a request is in Django's admin."""

    authentication_classes = [BearerAuthentication, CookieAuthentication, StaffSession]
    permission_classes = [IsStaff]

    @describe(
        "listDeletionRequests",
        summary="List deletion requests",
        tag=tags.STAFF,
        answers=(StaffDeletionsAnswer,),
        query=StaffDeletionsQuery,
        access=(STAFF, STAFF_SESSION, COOKIE),
        raises=(StaffOnly,),
    )
    def list(self, request: Request) -> Response:
        """Return a page of the requests that match the filters."""
        found, page = deletion_requests(request.query_params, by=request.user)
        rows = found.select_related("customer")[page.offset : page.offset + page.limit]
        return Response(
            {
                "requests": [deletion_object_for_staff(row) for row in rows],
                "count": found.count(),
                "offset": page.offset,
                "limit": page.limit,
            }
        )

    @describe(
        "getDeletionRequest",
        summary="Show a deletion request",
        tag=tags.STAFF,
        answers=(StaffDeletionAnswer,),
        access=(STAFF, STAFF_SESSION, COOKIE),
        raises=(StaffOnly, NotFound),
    )
    def retrieve(self, request: Request, request_id: Any) -> Response:
        """Return one request."""
        found = AccountDeletionRequest.objects.select_related("customer").filter(pk=request_id)
        row = found.first() if is_storable(request_id) else None
        if row is None:
            raise NotFound
        return Response({"request": deletion_object_for_staff(row)})
