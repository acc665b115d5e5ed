"""``/auth/mfa``: set a second factor up, and show it at a login."""

from typing import Any

from customer_registration.client.call import Call, given, segment, text, under
from customer_registration.client.results import LoginResult, MfaFactor, MfaSetup


def verify_mfa_challenge(challenge_id: str, *, method: str, code: str) -> Call[LoginResult]:
    """Show a second factor where a login or a refresh answered ``mfa_required``.

    Args:
        challenge_id: the ``id`` of that answer's ``mfa_challenge``; its token, which the client holds, goes along.
        method: one of the challenge's ``methods``: ``totp``, ``otp`` or ``recovery_code``.
        code: as typed; spaces and hyphens do not matter.

    Returns:
        The token of the login, which the client remembers.

    Raises:
        CodeRefused: wrong, or used already.
        Unauthorized: the token is missing or dead.
        StorefrontError: the challenge is used, over or another login's (``not_found``): log in again.
    """
    return Call(
        path=f"/auth/mfa/challenges/{segment(challenge_id)}/verify",
        body={"method": method, "code": code},
        read=LoginResult.read,
        keep=lambda result: result.token,
    )


def list_mfa_factors() -> Call[list[MfaFactor]]:
    """List the second factors of the customer who is logged in.

    Returns:
        The factors, those that were never confirmed among them.

    Raises:
        Unauthorized: the visitor is not logged in.
    """
    return Call(
        method="GET",
        path="/auth/mfa/factors",
        read=under("mfa_factors", lambda rows: [MfaFactor.read(row) for row in rows]),
    )


def add_mfa_factor(
    provider: str = "totp",
    *,
    label: str | None = None,
    issuer: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> Call[MfaSetup]:
    """Set a second factor up; no login asks for it before `verify_mfa_factor`.

    Args:
        provider: ``totp`` for an authenticator app, or ``otp`` for codes to the customer's own proven contact, of
            which the first is sent at once.
        label: the account's name in the app.
        issuer: the shop's name in the app.
        metadata: the storefront's own.

    Returns:
        The factor and, for an app, its secret, the URL that says it all, and that URL as a QR code.

    Raises:
        Unauthorized: the visitor is not logged in.
        Throttled: a code was sent a moment ago.
        StorefrontError: one of the kind is in force (``factor_exists``), or it cannot be had (``factor_unavailable``).
    """
    return Call(
        path="/auth/mfa/factors",
        body=given(provider=provider, label=label, issuer=issuer, metadata=metadata),
        read=MfaSetup.read,
    )


def verify_mfa_factor(factor_id: str, *, code: str) -> Call[MfaFactor]:
    """Show that a new factor works; every login asks for it from now on.

    Args:
        factor_id: the ``id`` of `add_mfa_factor`'s ``mfa_factor``.
        code: what the app shows, or what was sent.

    Returns:
        The factor, enabled.

    Raises:
        CodeRefused: wrong, too old or out of guesses.
        Unauthorized: the visitor is not logged in.
        StorefrontError: the visitor has no such factor (``not_found``), or one of the kind is in force
            (``factor_exists``).
    """
    return Call(
        path=f"/auth/mfa/factors/{segment(factor_id)}/verify",
        body={"code": code},
        read=under("mfa_factor", MfaFactor.read),
    )


def remove_mfa_factor(factor_id: str, *, method: str | None = None, code: str | None = None) -> Call[MfaFactor]:
    """Take a second factor away.

    Args:
        factor_id: of `list_mfa_factors`.
        method: what ``code`` is of: ``totp``, ``otp`` or ``recovery_code``.
        code: of a second factor; not needed within ten minutes of showing one, nor for a factor that is not in force.

    Returns:
        The factor, disabled.

    Raises:
        CodeRefused: wrong, or used already.
        Unauthorized: the visitor is not logged in.
        StorefrontError: there is no such factor (``not_found``), or a code is needed (``reauthentication_required``).
    """
    return Call(
        method="DELETE",
        path=f"/auth/mfa/factors/{segment(factor_id)}",
        body=given(method=method, code=code),
        read=under("mfa_factor", MfaFactor.read),
    )


def make_recovery_codes(
    *, count: int | None = None, method: str | None = None, code: str | None = None
) -> Call[list[str]]:
    """Make codes that stand in for a lost factor, each of them once; the older ones are dead.

    Args:
        count: 1 to 20; the shop's own number if left out.
        method: as `remove_mfa_factor`.
        code: as `remove_mfa_factor`.

    Returns:
        The codes, which are never shown again.

    Raises:
        CodeRefused: wrong, or used already.
        Unauthorized: the visitor is not logged in.
        StorefrontError: there is no factor in force (``factor_required``), or a code is needed
            (``reauthentication_required``).
    """
    return Call(
        path="/auth/mfa/recovery-codes",
        body=given(count=count, method=method, code=code),
        read=under("recovery_codes", lambda codes: [text(each) for each in codes]),
    )
