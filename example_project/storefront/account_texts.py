"""What the scripts of the account pages say, beside what every page's scripts do."""

from typing import Any

from django.utils.translation import gettext as _


def account_texts() -> dict[str, Any]:
    """Return the texts of the account page."""
    return {
        "saved": _("Saved."),
        "contact": {
            "email": {
                "heading": _("Confirm your e-mail address"),
                "changed": _("Your new e-mail address is in place. Every other device is logged out."),
                "confirmed": _("Your e-mail address is confirmed."),
            },
            "phone": {
                "heading": _("Confirm your phone number"),
                "changed": _("Your new phone number is in place. Every other device is logged out."),
                "confirmed": _("Your phone number is confirmed."),
            },
        },
        "password_saved": _("Your new password is saved. Every other device is logged out."),
        "factor": {
            "heading": {"totp": _("Enter the code from your app"), "otp": _("Enter the code")},
            "removed": {
                "totp": _("Your authenticator app is removed."),
                "otp": _("You are not sent a code to log in any more."),
            },
            "on": {
                "totp": _("Your authenticator app is set up."),
                "otp": _("You are sent a code to log in from now on."),
            },
        },
        "proof": {
            "heading": _("Is it you?"),
            "totp": _(
                "Enter the code that your authenticator app shows now. A code that you have used does not work again."
            ),
            "otp": _("We sent you a code. Enter it to go on."),
            "recovery_code": _("Enter one of your recovery codes. Each works once."),
        },
        "codes": {
            "title": _("Recovery codes of your account at Osier"),
            "copied": _("Copied"),
            "kept": _("Your new recovery codes are in place."),
        },
    }


def leave_texts() -> dict[str, Any]:
    """Return the texts of leaving the shop."""
    return {
        "heading": _("Confirm that you leave"),
        "date": _("Your account is deleted on {date}."),
        "due": _("Your account is deleted in a moment."),
    }


def keep_texts() -> dict[str, Any]:
    """Return the texts of keeping an account."""
    return {"heading": _("Keep your account"), "date": _("Your account is deleted on {date}.")}
