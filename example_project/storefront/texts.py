"""What the scripts of the pages say, translated by the server and handed to them as JSON.

``{names}`` in braces are filled in by the scripts. Counts are spelled out here for every number that can come up, since
languages differ in how many plural forms they have.
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customer_registration.exceptions import CustomerRegistrationError

MOST_ATTEMPTS = 10  # as many as OTP.MAX_ATTEMPTS may be


def texts() -> dict[str, Any]:
    """Return every text that a script may show, in the language of the request."""
    return {
        "errors": by_code(),
        "messages": by_message(),
        "statuses": by_status(),
        "offline": _("The shop cannot be reached. Check your connection and try again."),
        "wait": _("That was too often. Please wait before you try again. Time to wait: {time}."),
        "cookies": _("Allow cookies for this shop in your browser, then load the page again."),
        "required": _("Please fill in this field."),
        "show": _("Show"),
        "hide": _("Hide"),
        "show_password": _("Show the password"),
        "hide_password": _("Hide the password"),
        "code": code_texts(),
        "factor": factor_texts(),
        "sign_up": sign_up_texts(),
        "link_sent": _("If there is an account for {contact}, a link is on its way."),
        "no_account": _("There is no account with this. Check it, or sign up."),
    }


def text_of(error: CustomerRegistrationError) -> str:
    """Return what to tell a person of an error that a flow has raised."""
    return by_code().get(error.code or "") or by_message().get(error.message) or by_status()["400"]


def code_texts() -> dict[str, Any]:
    """Return the texts of the step in which a code is entered."""
    return {
        "sent": _("We sent a code to {contact}."),
        "maybe_sent": _("If there is an account for {contact}, a code is on its way."),
        "sent_again": _("A new code is on its way."),
        "resend_in": _("You can ask for a new code in {time}."),
        "checking": _("Checking the code…"),
        "attempts": [
            ngettext("%(count)s attempt left", "%(count)s attempts left", count) % {"count": count}
            for count in range(MOST_ATTEMPTS + 1)
        ],
    }


def factor_texts() -> dict[str, Any]:
    """Return the texts of a login's second step, by method."""
    return {
        "heading": _("One more step"),
        "lead": {
            "totp": _("Enter the code from your authenticator app."),
            "otp": _("We sent you a code. Enter it to log in."),
            "recovery_code": _("Enter one of your recovery codes. Each works once."),
        },
        "instead": {
            "totp": _("Use your authenticator app"),
            "otp": _("Use a code that we send you"),
            "recovery_code": _("Use a recovery code"),
        },
    }


def sign_up_texts() -> dict[str, Any]:
    """Return the texts of signing up: a heading for each contact that is confirmed, and the two ways to do it."""
    return {
        "heading": {"email": _("Confirm your e-mail address"), "phone": _("Confirm your phone number")},
        "with_code": _("Sign up with a code, no password"),
        "with_password": _("Sign up with a password"),
        "later": _("Do this later"),
    }


def by_code() -> dict[str, str]:
    """Return a text for every ``code`` of an API error."""
    unexpected = _("Something went wrong on our side. Please try again.")
    later = _("The shop is very busy. Please try again in a moment.")
    log_in = _("Please log in again, then try once more.")
    staff = _("This is a staff account. Staff accounts cannot be changed here.")
    gone = _("This is not open any more. Please start again.")
    return {
        "account_deletion_pending": _("This account is about to be deleted."),
        "account_inactive": _("This account is closed."),
        "already_verified": _("This is confirmed already."),
        "body_too_large": unexpected,
        "channel_unavailable": _("We cannot send messages there. Please use another address or number."),
        "contact_taken": _("This belongs to another account by now."),
        "cross_site_request": unexpected,
        "database_unavailable": later,
        "deletion_closed": gone,
        "factor_exists": _("This is set up already."),
        "factor_required": _("Set up a second factor first."),
        "factor_unavailable": _("This kind of second factor cannot be set up."),
        "forbidden": log_in,
        "invalid_json": unexpected,
        "invalid_request_error": _("There is an account with this e-mail address or phone number already."),
        "limiter_unavailable": later,
        "method_not_allowed": unexpected,
        "mfa_required": _("Your second factor is needed."),
        "not_found": gone,
        "otp_attempts_exceeded": _("Too many wrong codes. Please wait a while, then ask for a new code."),
        "otp_expired": _("This code is too old. Ask for a new code."),
        "otp_invalid": _("This code is not right. Check it and try again."),
        "password_rejected": _("This password is too short or too easy to guess. Please choose another one."),
        "reauthentication_required": log_in,
        "sessions_unavailable": unexpected,
        "staff_account": staff,
        "staff_only": staff,
        "throttled": _("That was too often. Please wait a moment, then try again."),
        "unexpected_state": unexpected,
        "unsupported_media_type": unexpected,
        "verification_required": _("Please confirm your address or number first."),
        "wrong_password": _("This is not your current password."),
    }


def by_message() -> dict[str, str]:
    """Return a text for the errors without a ``code``, whose English message is part of the contract."""
    log_in_fails = _("This does not match. Check what you typed and try again.")
    return {
        "Invalid email or password": log_in_fails,
        "Invalid phone or password": log_in_fails,
        "Verification code is invalid or already used": _("This code is not right. Check it and try again."),
        "Verification code has expired": _("This code is too old. Ask for a new code."),
        "Invalid OTP": _("This code is not right. Check it and try again."),
        "Invalid token": _("This is too old or was used already. Please start again."),
        "Identity with email already exists": _("There is an account with this e-mail address already."),
        "Identity with phone already exists": _("There is an account with this phone number already."),
        "Invalid request: Invalid email address": _("This is not an e-mail address. Check it and try again."),
        "Invalid request: Invalid phone number": _(
            "This is not a mobile number that we can reach. Write it with the country code, like +44 7400 123456."
        ),
        "Request already authenticated as a customer.": _("There is an account already. Please log in."),
        "Unauthorized": _("Please log in again, then try once more."),
    }


def by_status() -> dict[str, str]:
    """Return a text for whatever has none of its own."""
    return {
        "400": _("This does not look right. Check what you typed and try again."),
        "401": _("Please log in again, then try once more."),
        "429": _("That was too often. Please wait a moment, then try again."),
        "503": _("The shop is very busy. Please try again in a moment."),
        "other": _("Something went wrong on our side. Please try again."),
    }
