"""``/store/customers``: create the customer, show and update them."""

from typing import Any, TypedDict, Unpack

from customer_registration.client.call import Call, given, under
from customer_registration.client.results import Customer

ME = "/store/customers/me"


class ProfileChanges(TypedDict, total=False):
    """What a customer may change about themselves; a key that is left out stays as it is."""

    first_name: str | None
    last_name: str | None
    company_name: str | None
    metadata: dict[str, Any] | None


def create_customer(
    *,
    email: str | None = None,
    phone: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    company_name: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> Call[Customer]:
    """Turn the registration token into a customer; `refresh` or `login` gives a token that speaks for them.

    Args:
        email: the second identifier, where customers register by phone and need both.
        phone: the second identifier, where they register by e-mail and need both.
        first_name: at most 255 characters, as the other names.
        last_name: see ``first_name``.
        company_name: see ``first_name``.
        metadata: the storefront's own, at most 16 kB of JSON.

    Returns:
        The customer.

    Raises:
        Unauthorized: there is no registration token, or its claim has lapsed.
        StorefrontError: the customer exists (status 400), or somebody has the second identifier (422).
    """
    return Call(
        path="/store/customers",
        body=given(
            email=email,
            phone=phone,
            first_name=first_name,
            last_name=last_name,
            company_name=company_name,
            metadata=metadata,
        ),
        read=under("customer", Customer.read),
    )


def me() -> Call[Customer]:
    """Show the customer who is logged in.

    Returns:
        The customer.

    Raises:
        Unauthorized: the visitor is not logged in.
    """
    return Call(method="GET", path=ME, read=under("customer", Customer.read))


def update_me(**changes: Unpack[ProfileChanges]) -> Call[Customer]:
    """Change names and metadata; `change_contact` is for addresses.

    Args:
        changes: ``first_name``, ``last_name``, ``company_name``, of which ``None`` clears one, and ``metadata``:
            merged key by key, ``""`` deletes a key, ``None`` instead of a dict clears it all.

    Returns:
        The customer as changed.

    Raises:
        Unauthorized: the visitor is not logged in.
        StorefrontError: a value is refused.
    """
    return Call(path=ME, body=changes, read=under("customer", Customer.read))
