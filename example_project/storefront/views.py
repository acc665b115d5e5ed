"""The pages through which people come in."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customer_registration.conf import config
from customer_registration.enums import Provider
from customer_registration.exceptions import ProviderNotAllowed
from customer_registration.flows.providers import kinds_of
from example_project.storefront.forms import ForgotPasswordForm, LogInForm, SignUpForm
from example_project.storefront.pages import ShopView

CUSTOMER = "customer"


def offers(provider: Provider, *, mode: str) -> bool:
    """Whether customers of a mode may use a provider."""
    try:
        return bool(kinds_of(CUSTOMER, provider, mode=mode))
    except ProviderNotAllowed:
        return False


def password_provider(mode: str) -> str | None:
    """Return the provider that takes passwords, the one for any identifier first; ``None`` where there are none."""
    providers = (Provider.EMAILPASS, Provider.PHONEPASS)
    return next((provider.value for provider in providers if offers(provider, mode=mode)), None)


class Home(ShopView):
    """The window of the shop."""

    template_name = "storefront/home.html"
    title = _("Things for a quiet house")


class NotFound(ShopView):
    """What is shown where there is no page, whatever the method."""

    template_name = "storefront/not_found.html"
    title = _("There is no such page")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 404."""
        response = super().dispatch(request, *args, **kwargs)
        response.status_code = 404
        return response

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say the same to every method."""
        return self.get(request, *args, **kwargs)


class NotSent(ShopView):
    """What is shown for a form that comes without its CSRF cookie, or from elsewhere."""

    template_name = "storefront/not_sent.html"
    title = _("This form could not be sent")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 403."""
        response = self.get(request, *args, **kwargs)
        response.status_code = 403
        return response


class EntryView(ShopView):
    """A page for somebody who is not logged in, with or without passwords and codes as the settings have it."""

    for_strangers = True

    @property
    def mode(self) -> str:
        """The identifiers that the page takes."""
        return config().login_mode

    @cached_property
    def password_provider(self) -> str | None:
        """The provider that takes passwords, or ``None``."""
        return password_provider(self.mode)

    @cached_property
    def takes_codes(self) -> bool:
        """Whether a code will do in place of a password."""
        return offers(Provider.OTP, mode=self.mode)

    def shop_settings(self) -> dict[str, Any]:
        """Tell the module by which routes to go."""
        return super().shop_settings() | {"mode": self.mode, "password_provider": self.password_provider}


class SignUp(EntryView):
    """Create an account, and confirm its addresses."""

    template_name = "storefront/sign_up.html"
    title = _("Create your account")
    module = "storefront/sign-up.js"

    @property
    def mode(self) -> str:
        """The identifiers that register."""
        return config().registration.identifier

    def shop_settings(self) -> dict[str, Any]:
        """Tell the module what is to be confirmed."""
        options = config()
        return super().shop_settings() | {
            "require_verification": options.registration.require_verification,
            "sends_first_code": {
                "email": options.email_verification.auto_send_on_registration,
                "phone": options.phone_verification.auto_send_on_registration,
            },
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form."""
        form = SignUpForm(mode=self.mode, with_password=self.password_provider is not None)
        return super().get_context_data(form=form, **kwargs)


class LogIn(EntryView):
    """Log in with a password or a code, and whatever else it takes."""

    template_name = "storefront/log_in.html"
    title = _("Log in")
    module = "storefront/log-in.js"

    def shop_settings(self) -> dict[str, Any]:
        """Tell the module whether an unknown address is answered like a known one."""
        return super().shop_settings() | {"conceals": config().passwordless.conceal}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and whether somebody was sent here from another page."""
        form = LogInForm(mode=self.mode, with_password=self.password_provider is not None)
        return super().get_context_data(form=form, was_sent_here="next" in self.request.GET, **kwargs)


class ForgotPassword(EntryView):
    """Ask for a link to choose a new password; whether there is an account is not told."""

    template_name = "storefront/forgot_password.html"
    title = _("Forgot your password?")
    module = "storefront/forgot-password.js"
    for_strangers = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Be there only where there are passwords.

        Raises:
            Http404: customers have none.
        """
        super().setup(request, *args, **kwargs)
        if self.password_provider is None:
            raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, and how long the link is good for."""
        minutes = config().password_reset.expiry_minutes
        return super().get_context_data(form=ForgotPasswordForm(mode=self.mode), minutes=minutes, **kwargs)
