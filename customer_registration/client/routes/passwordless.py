"""``/auth/{actor}/otp``: come in with a code alone."""

from customer_registration.client.call import Call, given, segment, text, under
from customer_registration.client.results import LoginResult, SentCode


def send_login_code(identifier: str, *, actor: str = "customer") -> Call[SentCode]:
    """Send a code to log in with; somebody who does not exist is answered alike and sent nothing.

    Args:
        identifier: an e-mail address or a phone number, as typed.
        actor: ``customer``, ``user`` for Django's staff, or one of the shop's own.

    Returns:
        A token for `login_with_code`, so that a stranger's guesses are not counted with the visitor's.

    Raises:
        Throttled: a code was sent a moment ago.
        StorefrontError: the identifier is malformed, there is no such actor type, or, where the shop tells, nobody has
            the identifier (status 404).
    """
    return _send("generate", identifier, actor)


def login_with_code(
    identifier: str, *, code: str, token: str | None = None, actor: str = "customer"
) -> Call[LoginResult]:
    """Log in with the code of `send_login_code`, which proves the address as well.

    The first proof of an address discards a password that was set before it, for that may be a stranger's; a visitor
    who is logged in or holds the registration token keeps theirs, which is why the client's token goes along.

    Args:
        identifier: the one that the code went to.
        code: as typed; spaces and hyphens do not matter.
        token: of `send_login_code`; it may be left out.
        actor: the one of `send_login_code`.

    Returns:
        As `login`; the client remembers the token.

    Raises:
        CodeRefused: wrong, used, too old, out of guesses or never sent: one answer for all.
        Throttled: too many tries.
    """
    return _login("/verify", identifier, code, token, actor)


def send_registration_code(identifier: str, *, actor: str = "customer") -> Call[SentCode]:
    """Send a code to register with; whoever has an account is answered alike and sent nothing.

    Args:
        identifier: an e-mail address or a phone number, as typed.
        actor: ``customer``, or one of the shop's own that may register.

    Returns:
        A token for `register_with_code`, so that a stranger's guesses are not counted with the visitor's.

    Raises:
        Throttled: a code was sent a moment ago.
        StorefrontError: the identifier is malformed, there is no such actor type, or, where the shop tells, somebody
            has the identifier (status 422).
    """
    return _send("pre-register", identifier, actor)


def register_with_code(identifier: str, *, code: str, token: str | None = None, actor: str = "customer") -> Call[str]:
    """Register without a password, by the code of `send_registration_code`; `create_customer` is next.

    Args:
        identifier: the one that the code went to.
        code: as typed; spaces and hyphens do not matter.
        token: of `send_registration_code`; it may be left out.
        actor: the one of `send_registration_code`.

    Returns:
        The registration token, which the client remembers.

    Raises:
        CodeRefused: wrong, used, too old, out of guesses or never sent: one answer for all.
        Throttled: too many tries.
        StorefrontError: somebody has taken the identifier since the code was sent (status 422).
    """
    return Call(
        path=_path(actor, "/register"),
        body=given(identifier=identifier, otp=code, token=token),
        read=under("token", text),
        public=True,
        keep=str,
    )


def login_with_registration_code(
    identifier: str, *, code: str, token: str | None = None, actor: str = "customer"
) -> Call[LoginResult]:
    """Log in with the code that has just registered the visitor: once, within 60 seconds. A login code serves as well.

    Args:
        identifier: the one that the code went to.
        code: the one of `register_with_code`.
        token: of `send_registration_code`; it may be left out.
        actor: the one of `register_with_code`.

    Returns:
        As `login`; the client remembers the token.

    Raises:
        CodeRefused: wrong, too late, or used for this already: one answer for all.
        Throttled: too many tries.
    """
    return _login("", identifier, code, token, actor)


def _send(step: str, identifier: str, actor: str) -> Call[SentCode]:
    return Call(path=_path(actor, f"/{step}"), body={"identifier": identifier}, read=SentCode.read, public=True)


def _login(step: str, identifier: str, code: str, token: str | None, actor: str) -> Call[LoginResult]:
    return Call(
        path=_path(actor, step),
        body=given(identifier=identifier, otp=code, token=token),
        read=LoginResult.read,
        keep=lambda result: result.token,
    )


def _path(actor: str, step: str) -> str:
    return f"/auth/{segment(actor)}/otp{step}"
