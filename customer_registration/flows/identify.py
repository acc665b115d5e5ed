"""Read identifiers under the project's settings."""

from django.conf import settings

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import Identifier, parse_email, parse_phone


def identify(text: str, kind: IdentifierKind) -> Identifier:
    """Return the canonical identifier that ``text`` spells.

    Raises:
        InvalidIdentifier: it spells none.
    """
    if kind == IdentifierKind.EMAIL:
        return parse_email(text, allow_test_domains=settings.DEBUG)
    region = getattr(settings, "PHONENUMBER_DEFAULT_REGION", None)
    return parse_phone(text, region=region, number_types=config().sms_guard.number_types)
