"""What the pages send back: the link's token, and the new password."""

from django import forms


class TokenForm(forms.Form):
    """The token of a mailed link, kept out of sight."""

    token = forms.CharField(max_length=4096, widget=forms.HiddenInput)


class PasswordForm(TokenForm):
    """The token, the provider that it belongs to, and a new password, exactly as typed."""

    provider = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label="New password",
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
