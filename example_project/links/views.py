"""One page a link: it asks before it acts, since mail scanners open links, and works without JavaScript."""

from abc import ABC, abstractmethod
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.generic import FormView

from customer_registration.exceptions import CustomerRegistrationError
from customer_registration.flows import contact_undo, password_reset, verification_requests
from example_project.links.forms import PasswordForm, TokenForm


class LinkView(FormView, ABC):
    """A page that brings the token of its link back when its button is pressed."""

    template_name = "links/link.html"
    form_class: type[TokenForm] = TokenForm
    title: str
    lead: str
    button: str
    done: str

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Keep the address, which holds the token, from being sent elsewhere."""
        super().setup(request, *args, **kwargs)
        self.headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}

    def get_initial(self) -> dict[str, Any]:
        """Take the token from the link."""
        return {name: self.request.GET.get(name, "") for name in ("token", "provider")}

    def form_valid(self, form: TokenForm) -> HttpResponse:
        """Do it, or show why it cannot be done."""
        try:
            self.act(form)
        except CustomerRegistrationError as error:
            form.add_error(None, error.message.removeprefix("Invalid request: "))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=None, is_done=True))

    def form_invalid(self, form: TokenForm) -> HttpResponse:
        """Show the form again."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """Render the page."""
        return super().render_to_response(context, headers=self.headers, **options)

    @abstractmethod
    def act(self, form: TokenForm) -> None:
        """Do what the link is for."""


class UndoContactChange(LinkView):
    """Where the notice of a contact change leads."""

    title = "Take the change back"
    lead = "Your account gets its earlier address back, and every device is logged out."
    button = "Take it back"
    done = "The earlier address is yours again. Choose a new password next."

    def act(self, form: TokenForm) -> None:
        """Restore the old contact."""
        contact_undo.undo(form.cleaned_data["token"])


class VerifyContact(LinkView):
    """Where a verification link leads."""

    title = "Confirm your address"
    lead = "This confirms that messages of the shop reach you."
    button = "Confirm"
    done = "Your address is confirmed. You can log in now."

    def act(self, form: TokenForm) -> None:
        """Prove the contact."""
        verification_requests.confirm_link(form.cleaned_data["token"])


class ResetPassword(LinkView):
    """Where a password reset link leads."""

    form_class = PasswordForm
    title = "Choose a new password"
    lead = "Every device is logged out."
    button = "Save"
    done = "Your new password is saved. You can log in with it now."

    def act(self, form: TokenForm) -> None:
        """Set the new password."""
        provider = form.cleaned_data["provider"] or "emailpass"
        link = password_reset.open_link(form.cleaned_data["token"], actor="customer", provider=provider)
        password_reset.complete(link, password=form.cleaned_data["password"])
