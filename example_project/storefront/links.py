"""The pages that mailed links lead to.

They ask before they act, since mail scanners open links, and work without JavaScript.
"""

from abc import ABC, abstractmethod
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from customer_registration.exceptions import (
    CodeAttemptsExceeded,
    CodeExpired,
    CustomerRegistrationError,
    InvalidCode,
    InvalidToken,
)
from customer_registration.flows import contact_undo, password_reset, verification_requests
from customer_registration.flows.client import Client
from customer_registration.ratelimits import client_ip
from example_project.storefront.forms import LinkForm, NewPasswordForm
from example_project.storefront.pages import ShopPage
from example_project.storefront.texts import text_of

DEAD = (InvalidToken, InvalidCode, CodeExpired, CodeAttemptsExceeded)


class LinkView(ShopPage, FormView, ABC):
    """A page that brings the token of its link back when its button is pressed.

    Attributes:
        lead: what the button does.
        button: its text.
        done: what to say when it is done.
        onward: where to go then, a path and a text.
    """

    template_name = "storefront/link.html"
    form_class: type[LinkForm] = LinkForm
    lead: Any
    button: Any
    done: Any
    onward: tuple[str, Any] = ("/log-in", gettext_lazy("Log in"))

    def get_initial(self) -> dict[str, Any]:
        """Take the token from the link."""
        return {name: self.request.GET.get(name, "") for name in ("token", "provider")}

    def form_valid(self, form: LinkForm) -> HttpResponse:
        """Do it, or show why it cannot be done."""
        try:
            self.act(form)
        except DEAD:
            form.add_error(None, _("This link does not work any more. It is too old, or it was used already."))
        except CustomerRegistrationError as error:
            form.add_error(None, text_of(error))
        else:
            return self.render_to_response(self.get_context_data(form=None, is_done=True))
        return self.form_invalid(form)

    def form_invalid(self, form: LinkForm) -> HttpResponse:
        """Show the form again."""
        if "token" in form.errors:
            form.add_error(None, _("This link is not complete. Open it from the message once more."))
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the address, which holds the token, from being sent anywhere."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        # Under "no-referrer" browsers send forms with "Origin: null", which Django's CSRF protection refuses.
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    @abstractmethod
    def act(self, form: LinkForm) -> None:
        """Do what the link is for."""


class UndoContactChange(LinkView):
    """Where the notice of a contact change leads."""

    title = gettext_lazy("Take the change back")
    lead = gettext_lazy("Your account gets its earlier address back, and every device is logged out.")
    button = gettext_lazy("Take it back")
    done = gettext_lazy("The earlier address is yours again. Choose a new password next.")
    onward = ("/forgot-password", gettext_lazy("Choose a new password"))

    def act(self, form: LinkForm) -> None:
        """Restore the old contact."""
        contact_undo.undo(form.cleaned_data["token"])


class VerifyContact(LinkView):
    """Where a verification link leads."""

    title = gettext_lazy("Confirm your address")
    lead = gettext_lazy("This confirms that messages of the shop reach you.")
    button = gettext_lazy("Confirm")
    done = gettext_lazy("Your address is confirmed. You can log in now.")

    def act(self, form: LinkForm) -> None:
        """Prove the contact."""
        verification_requests.confirm_link(form.cleaned_data["token"])


class ResetPassword(LinkView):
    """Where a password reset link leads."""

    form_class = NewPasswordForm
    title = gettext_lazy("Choose a new password")
    lead = gettext_lazy("You are logged out on every device, and log in with the new one.")
    button = gettext_lazy("Save")
    done = gettext_lazy("Your new password is saved. You can log in with it now.")

    def act(self, form: LinkForm) -> None:
        """Set the new password."""
        provider = form.cleaned_data["provider"] or "emailpass"
        link = password_reset.open_link(form.cleaned_data["token"], actor="customer", provider=provider)
        client = Client(ip=client_ip(self.request.META))
        password_reset.complete(link, password=form.cleaned_data["password"], client=client)
