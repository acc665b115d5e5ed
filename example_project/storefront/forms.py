"""The fields of the pages. Scripts send them to the API, which has the last word on what is valid."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
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

    required_css_class = "is-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
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
