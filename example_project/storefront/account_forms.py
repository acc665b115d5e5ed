"""The fields of the account pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from example_project.storefront.forms import (
    CurrentPasswordField,
    EmailField,
    IdentifierField,
    NewPasswordField,
    PhoneField,
    ShopForm,
)

REASON_MAX_LENGTH = 1000  # as the API has it


class NameForm(ShopForm):
    """What the person is called."""

    first_name = forms.CharField(
        label=_("First name"), required=False, max_length=255, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), required=False, max_length=255, widget=forms.TextInput({"autocomplete": "family-name"})
    )


class CompanyForm(ShopForm):
    """For whom the person buys."""

    company_name = forms.CharField(
        label=_("Company"), required=False, max_length=255, widget=forms.TextInput({"autocomplete": "organization"})
    )


class EmailForm(ShopForm):
    """The new e-mail address."""

    email = EmailField()


class PhoneForm(ShopForm):
    """The new phone number."""

    phone = PhoneField()


class PasswordForm(ShopForm):
    """A new password, and the current one where there is one."""

    old_password = CurrentPasswordField()
    password = NewPasswordField()


class LeaveForm(ShopForm):
    """Why somebody leaves, if they care to say."""

    reason = forms.CharField(
        label=_("Why are you leaving?"),
        required=False,
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )


class KeepAccountForm(ShopForm):
    """Whose account is to stay."""

    def __init__(self, *args: Any, mode: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add("identifier", IdentifierField(mode))
