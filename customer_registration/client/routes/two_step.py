"""``/store/auth``: a password, then a code, then a cookie session."""

from typing import Any

from customer_registration.client.call import Call, given, success, under
from customer_registration.client.results import Customer, LoginStep


def start_two_step_login(
    *, password: str, email: str | None = None, phone: str | None = None, email_or_phone: str | None = None
) -> Call[LoginStep]:
    """Show the password and have a code sent; nobody is logged in before `finish_two_step_login`.

    Args:
        password: as typed.
        email: the identifier, which the code goes to; or
        phone: the identifier; or
        email_or_phone: either, as typed into one field.

    Returns:
        The customer. One with a second factor is sent no code: ``mfa_required`` says so, and `verify_mfa_challenge` is
        next.

    Raises:
        Unauthorized: unknown, wrong or inactive: one answer for all.
        VerificationRequired: the password is right and the identifier unproven.
        Throttled: a code was sent a moment ago, or too many tries.
    """
    return Call(
        path="/store/auth",
        body=given(email=email, phone=phone, email_or_phone=email_or_phone, password=password),
        read=_step,
        public=True,
        keep=lambda step: step.token,
    )


def finish_two_step_login(
    *, code: str, email: str | None = None, phone: str | None = None, email_or_phone: str | None = None
) -> Call[LoginStep]:
    """Bring the code back. The client keeps the cookie, which is the login from now on, and forgets its token.

    Args:
        code: as typed; spaces and hyphens do not matter.
        email: the one of `start_two_step_login`; or
        phone: the one of `start_two_step_login`; or
        email_or_phone: the one of `start_two_step_login`.

    Returns:
        The customer. Where a second factor was set up since the first step, it is asked for now.

    Raises:
        CodeRefused: wrong, used, too old or never sent: "OTP is invalid", without a ``code``.
        Throttled: too many tries.
    """
    return Call(
        path="/store/auth/otp",
        body=given(email=email, phone=phone, email_or_phone=email_or_phone, otp=code),
        read=_step,
        public=True,
        keep=lambda step: step.token,
        forget=True,
    )


def session_customer() -> Call[Customer]:
    """Show the customer of the cookie session.

    Returns:
        The customer.

    Raises:
        Unauthorized: the visitor is not logged in.
    """
    return Call(method="GET", path="/store/auth", read=under("customer", Customer.read))


def end_two_step_login() -> Call[None]:
    """End the cookie session.

    Raises:
        Unauthorized: there is none.
    """
    return Call(method="DELETE", path="/store/auth", read=success)


def _step(answer: Any) -> LoginStep:
    step = LoginStep.read(answer)
    if step.customer is None and step.token is None:
        raise ValueError("neither a customer nor what is asked for instead")
    return step
