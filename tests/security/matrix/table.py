"""The whole table: the rows, and what a stranger's requests are counted by at each route."""

from tests.security.matrix import (  # noqa: F401  # they fill the table
    rows_of_codes,
    rows_of_guesses,
    rows_of_passwords,
    rows_of_sign_ups,
)
from tests.security.matrix.row import ROWS

__all__ = ["LIMITS", "ROWS", "TOLD", "UNLIMITED"]

CODE_SENT, GUESSED, PASSWORD = ("code_send",), ("login", "code_failed"), ("login", "login_failed")
LIMITS = {
    "login": PASSWORD,
    "register": ("register",),
    "reset-password": ("password_reset",),
    "otp-send": CODE_SENT,
    "otp-verify": ("code_failed",),
    "code-generate": CODE_SENT,
    "code-pre-register": CODE_SENT,
    "code-verify": GUESSED,
    "code-login": GUESSED,
    "code-register": (*GUESSED, "register"),
    "two-step-login": PASSWORD,
    "two-step-login-code": GUESSED,
    "deletion-cancel-request": ("account_deletion",),
    "deletion-cancel-confirm": ("code_failed",),
}
# Where accounts are concealed a holder is told of a sign-up, which goes on whether they may be told or not.
TOLD = {"code_send"}
# Without the secret of a message, or a bearer, nothing is compared there that could be guessed.
UNLIMITED = ("providers", "update", "verification-confirm", "contact-undo", "deletion-confirm", "mfa-challenge-verify")
