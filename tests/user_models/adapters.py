"""For models that cannot know their username while customers register by the other contact."""

from customer_registration.enums import IdentifierKind
from customer_registration.users import DefaultUserAdapter


class NamedByIdAdapter(DefaultUserAdapter):
    """Let the customer id be the username until the customer gives the contact; E006 asks for that decision."""

    def username_kind(self) -> IdentifierKind | None:
        """Say that registration need not know the username."""
        return None
