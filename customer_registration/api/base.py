"""The view that every route stands on. A host project's DRF settings change nothing of it."""

from contextlib import nullcontext
from typing import Any, cast

from django.db import transaction
from django.utils import translation
from django.utils.crypto import constant_time_compare
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from customer_registration import ratelimits
from customer_registration.api.authentication import (
    BearerAuthentication,
    CookieAuthentication,
    HasCustomerIdentity,
    IsCustomer,
)
from customer_registration.api.errors import BodyTooLarge, answer_for
from customer_registration.api.languages import spoken
from customer_registration.api.parsing import MAX_BODY_BYTES, StrictJSONParser
from customer_registration.api.schema.lazy import LazyInspector
from customer_registration.api.schema.security import KEY_HEADER
from customer_registration.api.validation import RequestSchema
from customer_registration.conf import config
from customer_registration.exceptions import NotAllowed, NotFound
from customer_registration.flows.client import Client
from customer_registration.flows.sessions import Session
from customer_registration.models import Customer

USER_AGENT_MAX_LENGTH = 255


class PinnedJSONRenderer(JSONRenderer):
    """Compact UTF-8 JSON, whatever the host sets or the client asks for."""

    ensure_ascii = False
    compact = True
    strict = True

    def get_indent(self, accepted_media_type: str, renderer_context: Any) -> None:
        """Ignore the media type's ``indent``."""


class IgnoreClientNegotiation(BaseContentNegotiation):
    """Answer JSON whatever ``Accept`` or ``?format=`` say: the SDK sends ``text/plain`` at times."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Return the JSON parser for JSON, nothing for the rest, which answers 415."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        return parsers[0] if content_type == parsers[0].media_type else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the JSON renderer."""
        return renderers[0], renderers[0].media_type


class BaseViewSet(ViewSet):
    """Size, publishable key, guard, JSON, schema: checked in this order; errors in the contract's envelope."""

    authentication_classes = [BearerAuthentication, CookieAuthentication]  # a bearer that is valid wins
    permission_classes = []
    parser_classes = [StrictJSONParser]
    renderer_classes = [PinnedJSONRenderer]
    content_negotiation_class = IgnoreClientNegotiation
    throttle_classes = []
    versioning_class = None
    metadata_class = None
    schema: Any = LazyInspector()
    needs_publishable_key = False

    request: Request
    language: str

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        """Return the view, outside a host's ``ATOMIC_REQUESTS``: a counted failure must survive the error answer."""
        return transaction.non_atomic_requests(super().as_view(actions, **initkwargs))

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer in the language that the request names."""
        self.language = spoken(request)
        with translation.override(self.language) if self.language else nullcontext():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check what comes before the body is read. A bearer is looked at by a guard alone."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if length.isdecimal() and int(length[:20]) > MAX_BODY_BYTES:
            raise BodyTooLarge
        if self.needs_publishable_key:
            _check_publishable_key(request)
        self.check_permissions(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Forbid what stands between to keep an answer: it is one person's, or holds a token (RFC 6749 §5.1).

        ``private`` says nothing more, but is all that Django's own cache for whole sites heeds up to 6.1.0.
        """
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        return answer

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error. (DRF's own would turn a 401 without an authenticate header into a 403.)"""
        answer = answer_for(exc, self.request)
        response = Response(answer.body, status=answer.status, headers=answer.headers)
        response.exception = True
        return response

    def validate(self, schema: type[RequestSchema]) -> dict[str, Any]:
        """Return the body's values as ``schema`` reads them."""
        return schema.read(self.body)

    @property
    def body(self) -> dict[str, Any]:
        """The body, which the parser has seen to be an object."""
        return cast(dict[str, Any], self.request.data)

    @property
    def session(self) -> Session | None:
        """What the request's bearer or cookie opens, if it opens anything."""
        return cast(Session | None, self.request.auth)

    @property
    def known_session(self) -> Session:
        """The session, where a guard has made sure that there is one."""
        return cast(Session, self.session)

    @property
    def client(self) -> Client:
        """Who asks, for the flows."""
        return Client(
            ip=ratelimits.client_ip(self.request.META),
            user_agent=_user_agent(self.request),
            language=self.language,
            request=self.request._request,
        )


class StoreViewSet(BaseViewSet):
    """A route under ``/store``: demands the publishable key where the project has any."""

    needs_publishable_key = True


class CustomerIdentityViewSet(BaseViewSet):
    """A route for customers, created or not yet."""

    permission_classes = [HasCustomerIdentity]

    @property
    def customer(self) -> Customer:
        """The customer behind the token, with their user loaded."""
        return self.known_session.known_customer


class CustomerViewSet(StoreViewSet, CustomerIdentityViewSet):
    """A route under ``/store`` for customers who exist."""

    permission_classes = [IsCustomer]


class UnknownPathViewSet(BaseViewSet):
    """Paths under ``/auth`` that no route takes."""

    schema = None  # nothing to document

    def not_found(self, request: Request) -> Response:
        """Answer 404."""
        raise NotFound


class UnknownStorePathViewSet(UnknownPathViewSet):
    """Paths under ``/store`` that no route takes; the key comes first there too."""

    needs_publishable_key = True


def _user_agent(request: Request) -> str:
    """Return the header as a column takes it: without NUL, without lone surrogates, cut."""
    sent = request.headers.get("user-agent", "").replace("\0", "")
    return sent.encode(errors="replace").decode()[:USER_AGENT_MAX_LENGTH]


def _check_publishable_key(request: Request) -> None:
    keys = config().publishable_api_keys
    if not keys:
        return
    given = request.headers.get(KEY_HEADER, "")
    if not given:
        raise NotAllowed(
            f"Publishable API key required in the request header: {KEY_HEADER}. "
            "You can manage your keys in settings in the dashboard."
        )
    if not any(constant_time_compare(given, key) for key in keys):
        raise NotAllowed("A valid publishable key is required to proceed with the request")
