"""The fields of the pages. Scripts send them to the API, which has the last word on what is valid."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
    validate_password,
)
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

IDENTIFIER_LABELS = {
    "email": _("E-mail address"),
    "phone": _("Phone number"),
    "both": _("E-mail address or phone number"),
}


def password_hint() -> str:
    """Say what a new password has to be, by the project's own rules."""
    lengths = [v.min_length for v in get_default_password_validators() if isinstance(v, MinimumLengthValidator)]
    count = max(lengths, default=1)
    return ngettext(
        "At least %(count)s character, and not easy to guess.",
        "At least %(count)s characters, and not easy to guess.",
        count,
    ) % {"count": count}


class ShopForm(forms.Form):
    """A form whose fields tell screen readers of their hint and their error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            self._describe(name, field)

    def add(self, name: str, field: forms.Field) -> None:
        """Add a field that the settings ask for."""
        self.fields[name] = field
        self._describe(name, field)

    def _describe(self, name: str, field: forms.Field) -> None:
        if not field.widget.is_hidden:
            element = self[name].auto_id
            hint = f"{element}-hint " if field.help_text else ""
            field.widget.attrs["aria-describedby"] = f"{hint}{element}-error"


class EmailField(forms.CharField):
    """An e-mail address, written left to right in any language."""

    def __init__(self, *, autocomplete: str = "email", **kwargs: Any) -> None:
        attrs = {"autocomplete": autocomplete, "dir": "ltr", "spellcheck": "false", "autocapitalize": "none"}
        kwargs.setdefault("label", _("E-mail address"))
        super().__init__(max_length=254, widget=forms.EmailInput(attrs=attrs), **kwargs)


class PhoneField(forms.CharField):
    """A phone number, written left to right in any language."""

    def __init__(self, *, autocomplete: str = "tel", **kwargs: Any) -> None:
        attrs = {"type": "tel", "autocomplete": autocomplete, "dir": "ltr"}
        kwargs.setdefault("label", _("Phone number"))
        super().__init__(max_length=64, widget=forms.TextInput(attrs=attrs), **kwargs)


class IdentifierField(forms.CharField):
    """An e-mail address, a phone number, or either of them."""

    def __init__(self, mode: str, **kwargs: Any) -> None:
        attrs = {"autocomplete": "username", "dir": "ltr", "spellcheck": "false", "autocapitalize": "none"}
        attrs["type"] = {"email": "email", "phone": "tel"}.get(mode, "text")
        super().__init__(label=IDENTIFIER_LABELS[mode], max_length=254, widget=forms.TextInput(attrs=attrs), **kwargs)


class NewPasswordField(forms.CharField):
    """A password that is being chosen, exactly as typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("New password"))
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"})
        super().__init__(max_length=4096, strip=False, widget=widget, help_text=lazy(password_hint, str)(), **kwargs)


class CurrentPasswordField(forms.CharField):
    """The password that the person has, exactly as typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Current password"))
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"})
        super().__init__(max_length=4096, strip=False, widget=widget, **kwargs)


class SignUpForm(ShopForm):
    """What a new customer is asked for, by ``REGISTRATION.IDENTIFIER``."""

    first_name = forms.CharField(
        label=_("First name"), required=False, max_length=255, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), required=False, max_length=255, widget=forms.TextInput({"autocomplete": "family-name"})
    )

    def __init__(self, *args: Any, mode: str, with_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The address that a password manager is to remember is the one that logs in first.
        if mode != "phone":
            self.add("email", EmailField(autocomplete="username" if with_password else "email"))
        if mode != "email":
            self.add("phone", PhoneField(autocomplete="username" if with_password and mode == "phone" else "tel"))
        if with_password:
            self.add("password", NewPasswordField(label=_("Password")))


class LogInForm(ShopForm):
    """Who somebody is, and their password where there are passwords."""

    def __init__(self, *args: Any, mode: str, with_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add("identifier", IdentifierField(mode))
        if with_password:
            self.add("password", CurrentPasswordField(label=_("Password")))


class ForgotPasswordForm(ShopForm):
    """Where the link to a new password is to be sent."""

    def __init__(self, *args: Any, mode: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add("identifier", IdentifierField(mode))


class LinkForm(ShopForm):
    """The token of a mailed link, kept out of sight."""

    token = forms.CharField(max_length=4096, widget=forms.HiddenInput)


class NewPasswordForm(LinkForm):
    """The token, the provider that it belongs to, and a new password."""

    provider = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    password = NewPasswordField()
    password.widget.attrs["autofocus"] = True

    def clean_password(self) -> str:
        """Refuse what the validators refuse of anybody, in the person's language; the flow refuses the rest."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
