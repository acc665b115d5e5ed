"""``/admin/account-deletion-requests``: what staff look up, by JWT or with the session of Django's admin."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from customer_registration.api.admin.requests import deletion_requests
from customer_registration.api.authentication import BearerAuthentication, CookieAuthentication, IsStaff, StaffSession
from customer_registration.api.base import BaseViewSet
from customer_registration.api.parsing import is_storable
from customer_registration.api.representation import deletion_object_for_staff
from customer_registration.api.schema import (
    StaffDeletionAnswer,
    StaffDeletionsAnswer,
    describe,
)
from customer_registration.api.schema_requests import StaffDeletionsQuery
from customer_registration.exceptions import NotFound
from customer_registration.models import AccountDeletionRequest


class DeletionRequestViewSet(BaseViewSet):
    """Read only: what changes a request is in Django's admin."""

    authentication_classes = [BearerAuthentication, CookieAuthentication, StaffSession]
    permission_classes = [IsStaff]

    @describe("List deletion requests", answer=StaffDeletionsAnswer, query=StaffDeletionsQuery, guarded=True)
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

    @describe("Show a deletion request", answer=StaffDeletionAnswer, guarded=True)
    def retrieve(self, request: Request, request_id: Any) -> Response:
        """Return one request."""
        found = AccountDeletionRequest.objects.select_related("customer").filter(pk=request_id)
        row = found.first() if is_storable(request_id) else None
        if row is None:
            raise NotFound
        return Response({"request": deletion_object_for_staff(row)})
