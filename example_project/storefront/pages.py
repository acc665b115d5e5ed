"""What every page of the shop has: who is logged in, texts for its scripts, and careful headers."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import TemplateView
from django.views.generic.base import ContextMixin

from customer_registration.api.cookies import read_claims
from customer_registration.conf import config
from customer_registration.exceptions import CrossSiteRequest
from customer_registration.flows.sessions import open_claims
from customer_registration.models import Customer
from example_project.storefront.texts import texts

ACCOUNT = "/account"
LOG_IN = "/log-in"
# No inline scripts, no other origins, no frames. A picture may be a data URL: the QR code of an authenticator app is.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def customer_of(request: HttpRequest) -> Customer | None:
    """Return the customer of the request's cookie session, or ``None``. Without a cookie nothing is looked up."""
    claims = read_claims(request)
    session = open_claims(claims) if claims else None
    return session.customer if session is not None and session.has_actor else None


def own_path(candidate: str | None, *, default: str = ACCOUNT) -> str:
    """Return a path of this shop to go on to, never an address elsewhere (open redirect).

    Browsers leave tabs and line breaks out of an address: to them ``/`` and a tab and ``//evil.example`` is another
    host, which Django's check takes for a path.
    """
    if not candidate or not candidate.startswith("/") or not candidate.isprintable():
        return default
    return candidate if url_has_allowed_host_and_scheme(candidate, allowed_hosts=None) else default


class ShopPage(ContextMixin):
    """A page in the shop's design.

    Attributes:
        title: the title of the page, translated lazily.
        module: the page's ES module, a path under ``static``; none if empty.
        needs_login: send strangers to the login page, and back here afterwards.
        for_strangers: send customers who are logged in to where they were going.
    """

    request: HttpRequest
    title: Any = ""
    module: ClassVar[str] = ""
    needs_login: ClassVar[bool] = False
    for_strangers: ClassVar[bool] = False

    @cached_property
    def customer(self) -> Customer | None:
        """Who is logged in."""
        try:
            return customer_of(self.request)
        except CrossSiteRequest:  # a form that another site posts comes from nobody
            return None

    @property
    def next_path(self) -> str:
        """Where to go after logging in."""
        return own_path(self.request.GET.get("next"))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send whoever the page is not for elsewhere, and say what the browser may do with it."""
        if self.needs_login and self.customer is None:
            response: HttpResponseBase = HttpResponseRedirect(
                f"{LOG_IN}?{urlencode({'next': request.get_full_path()})}"
            )
        elif self.for_strangers and self.customer is not None:
            response = HttpResponseRedirect(self.next_path)
        else:
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        # Pages show who is logged in, and some hold a token in their address.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    def shop_settings(self) -> dict[str, Any]:
        """Return what the page's module has to know; all of it is public."""
        options = config()
        return {
            "publishable_key": next(iter(options.publishable_api_keys), None),
            "next": self.next_path,
            "code": {"length": options.otp.length, "numeric": options.otp.charset == "numeric"},
            "login_code": {"length": options.passwordless.digits, "numeric": True},
            "resend_seconds": {
                "email": options.email_verification.resend_throttle_seconds,
                "phone": options.phone_verification.resend_throttle_seconds,
            },
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the template what every page needs."""
        options = config()
        return super().get_context_data(
            **{
                "page_title": self.title,
                "module": self.module,
                "customer": self.customer,
                "is_tried_out": settings.DEBUG,
                "options": options,
                "texts": texts(),
                "shop": self.shop_settings(),
                **kwargs,
            }
        )


class ShopView(ShopPage, TemplateView):
    """A page that is only shown; its module talks to the API."""
