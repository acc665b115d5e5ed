"""Where a secret may be, and why. Whatever is not named here is a leak."""

from typing import NamedTuple


class Allowed(NamedTuple):
    """One exception.

    Args:
        kinds: of secrets.
        place: of outputs.
        names: of outputs: routes with their method, loggers, tasks, tables; none is all of them.
        part: the key of the answer's JSON, or ``Set-Cookie``; ``None`` is all of the output.
        because: why.
    """

    kinds: tuple[str, ...]
    place: str
    names: tuple[str, ...]
    part: str | None
    because: str

    def covers(self, kind: str, place: str, name: str) -> bool:
        """Whether it is about a kind of secret in an output."""
        return kind in self.kinds and place == self.place and (not self.names or name in self.names)


FLOW_TOKENS = {
    "POST otp-send": ("token otp.email_verification", "token otp.phone_verification"),
    "POST contact": ("token otp.email_change", "token otp.phone_change"),
    "POST deletion-request": ("token otp.account_deletion_request",),
    "POST deletion-cancel-request": ("token otp.account_deletion_cancel",),
    "POST code-generate": ("token otp.code_login",),
    "POST code-pre-register": ("token otp.code_registration",),
}
LOGIN_ROUTES = (
    "POST login", "POST register", "POST token-refresh", "POST otp-verify", "POST contact-verify", "POST password",
    "POST code-login", "POST code-verify", "POST code-register", "POST mfa-challenge-verify",
    "POST two-step-login",
)  # fmt: skip
PAGES = "the example's page keeps what its own link brought, until the button is pressed"
ECHO = "whoever sends it in a list or an object is told what they sent, as the contract's text has it"
DELIVERED = ("code", "link value", "token reset")

ALLOWED = (
    Allowed(("token login",), "answer", LOGIN_ROUTES, "token", "whoever has just proven themselves is given it here"),
    *(
        Allowed(kinds, "answer", (route,), "token", "whoever asked for the code brings it back with this")
        for route, kinds in FLOW_TOKENS.items()
    ),
    Allowed(("seed",), "answer", ("POST mfa-factors",), "secret", "an authenticator app is told it, this once"),
    Allowed(("seed",), "answer", ("POST mfa-factors",), "otpauth_url", "the same for a link on the phone itself"),
    Allowed(("recovery code",), "answer", ("POST mfa-recovery-codes",), "recovery_codes", "shown this once"),
    Allowed(("session id",), "answer", (), "Set-Cookie", "the browser brings it back; scripts cannot read it"),
    Allowed(("session id",), "row", ("django_session",), None, "Django finds a session by it"),
    Allowed(DELIVERED, "row", ("inbox_inboxmessage",), None, "the example's inbox stands in for the person's own"),
    Allowed(("link value",), "answer", ("GET page:verify", "GET page:undo-contact-change"), None, PAGES),
    Allowed(("token reset",), "answer", ("GET page:reset-password", "POST page:reset-password"), None, PAGES),
    Allowed(("link value",), "answer", ("POST verification-confirm", "POST contact-undo"), "message", ECHO),
    Allowed(("link value",), "error", ("InvalidData",), None, ECHO),
    Allowed(("password",), "printed", ("demo",), None, "the demo tells who tries it the password of its staff"),
    Allowed(DELIVERED, "log", ("mail.log",), None, "the mail server of the tests tells what it was sent"),
    Allowed(DELIVERED, "answer", ("GET page:inbox", "GET page:inbox-messages"), None, "the same, with DEBUG alone"),
)  # fmt: skip
