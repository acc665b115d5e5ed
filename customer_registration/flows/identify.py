"""Read identifiers under the project's settings."""

from django.conf import settings

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.identifiers import Identifier, parse_email, parse_phone


def identify(text: str, kind: IdentifierKind, *, to_text: bool = False) -> Identifier:
    """Return the canonical identifier that ``text`` spells.

    Whoever is there already is found whatever ``SMS_GUARD`` says today: a country or a type of number that was taken
    off its lists must not lock people out who can still log in without a text message.

    Args:
        text: as typed.
        kind: what it spells.
        to_text: it is claimed, or a code is to go to it, so a number has to be one that may be texted.

    Raises:
        InvalidIdentifier: it spells none.
    """
    if kind == IdentifierKind.EMAIL:
        return parse_email(text, allow_test_domains=settings.DEBUG)
    region, guard = getattr(settings, "PHONENUMBER_DEFAULT_REGION", None), config().sms_guard
    if not to_text:
        return parse_phone(text, region=region, number_types=None)
    return parse_phone(text, region=region, number_types=guard.number_types, countries=guard.countries)
