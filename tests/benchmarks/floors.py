"""What Django, REST framework and a token cost by themselves, in the same project behind the same middleware.

The routes stand beside the shop's own, in the same processes, so a figure of ours is compared with one of the same run.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication


@csrf_exempt
def bare(request: HttpRequest) -> JsonResponse:
    """Answer as a view of Django alone does."""
    return JsonResponse({"ok": True})


class Bare(APIView):
    """A view of REST framework that asks nobody who they are."""

    authentication_classes: Any = []
    permission_classes: Any = []
    renderer_classes = [JSONRenderer]

    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({"ok": True})

    def post(self, request: Request) -> Response:
        """Parse the body and answer."""
        return Response({"ok": bool(request.data)})


class Decoded(APIView):
    """A view for whoever brings a token, as simplejwt reads it, without a look at the database."""

    authentication_classes = [JWTStatelessUserAuthentication]
    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer]

    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({"id": request.user.pk})


class Selected(Decoded):
    """The same, with the one SELECT of the token's user through the ORM."""

    authentication_classes = [JWTAuthentication]

    def get(self, request: Request) -> Response:
        """Show the user."""
        user = request.user
        names = {"first_name": user.first_name, "last_name": user.last_name}
        return Response({"id": user.pk, "email": user.email, **names})


urlpatterns = [
    path("floor/django", bare),
    path("floor/drf", Bare.as_view()),
    path("floor/jwt", Decoded.as_view()),
    path("floor/select", Selected.as_view()),
    path("", include("example_project.urls")),
]
