"""``/auth/{actor}/{provider}``: register and log in."""

from customer_registration.client.call import Call, given, segment, text, under
from customer_registration.client.results import LoginResult, Provider


def register(
    *, password: str, email: str | None = None, phone: str | None = None, provider: str = "emailpass"
) -> Call[str]:
    """Claim an identifier with a password; `create_customer` is next.

    Args:
        password: of at least the length that the shop asks for.
        email: the identifier, where customers register by e-mail.
        phone: the identifier, where they register by phone.
        provider: ``emailpass``, which takes either, or ``phonepass``.

    Returns:
        The registration token, which the client remembers.

    Raises:
        Unauthorized: the identifier is taken.
        StorefrontError: the identifier is malformed or the password refused (``password_rejected``).
    """
    return Call(
        path=f"/auth/customer/{segment(provider)}/register",
        body=given(email=email, phone=phone, password=password),
        read=under("token", text),
        public=True,
        keep=str,
    )


def login(
    *,
    password: str,
    email: str | None = None,
    phone: str | None = None,
    email_or_phone: str | None = None,
    actor: str = "customer",
    provider: str = "emailpass",
) -> Call[LoginResult]:
    """Log in with one identifier and a password.

    Args:
        password: as typed.
        email: the identifier; or
        phone: the identifier; or
        email_or_phone: either, as typed into one field.
        actor: ``customer``, or ``user`` for Django's staff.
        provider: ``emailpass``, which takes either, or ``phonepass``.

    Returns:
        The token, which the client remembers, and what is still asked for.

    Raises:
        Unauthorized: unknown, wrong or inactive: one answer for all.
        VerificationRequired: the password is right and the identifier unproven.
        Throttled: too many tries.
    """
    return Call(
        path=f"/auth/{segment(actor)}/{segment(provider)}",
        body=given(email=email, phone=phone, email_or_phone=email_or_phone, password=password),
        read=LoginResult.read,
        public=True,
        keep=lambda result: result.token,
    )


def list_providers(actor: str = "customer") -> Call[list[Provider]]:
    """List the ways an actor type can log in.

    Args:
        actor: ``customer``, or ``user`` for Django's staff.

    Returns:
        The providers, in the shop's order.

    Raises:
        StorefrontError: there is no such actor type.
    """
    return Call(
        method="GET",
        path=f"/auth/{segment(actor)}/providers",
        read=under("providers", lambda rows: [Provider.read(row) for row in rows]),
        public=True,
    )
