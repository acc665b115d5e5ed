"""Text typed by a person → one canonical, ASCII identifier. Pure: no database, no settings.

Two texts name the same person exactly when their canonical values are equal strings, so every look-up compares
stored strings and no database collation can join two people (CVE-2019-19844 is what happens otherwise).
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier

EMAIL_MAX_LENGTH = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
PHONE_MAX_LENGTH = 32  # typed, with separators
E164_MAX_LENGTH = 16  # ITU-T E.164: "+" and at most 15 digits
PREFIX_DIGITS = 4  # of the national number

_CANONICAL = {
    IdentifierKind.EMAIL: re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+"),
    IdentifierKind.PHONE: re.compile(r"\+[1-9][0-9]{6,14}"),
}
_PHONE_TEXT = re.compile(r"\+?[0-9][0-9 ().\-/]*|\+?\([0-9][0-9 ().\-/]*")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A canonical identifier. ``repr`` and ``str`` show it masked."""

    kind: IdentifierKind
    value: str = field(repr=False)

    def __str__(self) -> str:
        return mask(self.value)

    @classmethod
    def nobody(cls, kind: IdentifierKind) -> "Identifier":
        """Return an identifier that no row can have, for text that cannot name a person.

        Looking it up costs what looking up a stranger costs.

        Args:
            kind: e-mail or phone.
        """
        return cls(kind, "")


def parse_email(text: str, *, allow_test_domains: bool = False) -> Identifier:
    """Return the canonical e-mail address: trimmed, NFKC, lower case, ASCII local part, IDNA domain.

    Args:
        text: what the person typed, at most 254 characters.
        allow_test_domains: accept the ``.test`` domains of RFC 2606; for development.

    Raises:
        InvalidIdentifier: it is no address that mail can be sent to.
    """
    text = text.strip()
    if len(text) > EMAIL_MAX_LENGTH:
        raise _no_email(f"longer than {EMAIL_MAX_LENGTH} characters")
    text = unicodedata.normalize("NFKC", text)
    # Controls, bidirectional marks, zero-width characters, unassigned code points and every kind of space.
    if any(unicodedata.category(character)[0] in "CZ" for character in text):
        raise _no_email("a space, or a character that cannot be seen")
    local, separator, domain = text.rpartition("@")
    if not separator:
        raise _no_email("no @")
    if not local.isascii():
        raise _no_email("other characters than ASCII before the @")
    # 64 octets: RFC 5321 §4.5.3.1.1. email-validator lets longer ones through unless told to be strict.
    if len(local) > 64:
        raise _no_email("more than 64 characters before the @")
    from email_validator import EmailNotValidError, validate_email  # 60 ms of import, not at start

    try:
        parsed = validate_email(
            f"{local}@{domain}",
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=allow_test_domains,
        )
    except EmailNotValidError as error:
        # What follows a colon or a bracket may repeat a part of the address.
        raise _no_email(re.split(r"[:(]", str(error))[0].rstrip(". ")) from error
    canonical = f"{parsed.local_part}@{parsed.ascii_domain}".lower()
    if len(canonical) > EMAIL_MAX_LENGTH:
        raise _no_email(f"longer than {EMAIL_MAX_LENGTH} characters once its domain is ASCII")
    return Identifier(IdentifierKind.EMAIL, canonical)


def _no_email(reason: str) -> InvalidIdentifier:
    return InvalidIdentifier(IdentifierKind.EMAIL, reason)


def _no_phone(reason: str) -> InvalidIdentifier:
    return InvalidIdentifier(IdentifierKind.PHONE, reason)


def parse_phone(
    text: str,
    *,
    region: str | None = None,
    number_types: Collection[str] | None = ("MOBILE", "FIXED_LINE_OR_MOBILE"),
    countries: Collection[str] | None = None,
) -> Identifier:
    """Return the canonical phone number in E.164.

    Args:
        text: ``+``, ASCII digits and common separators, at most 32 characters; no letters, extensions or ``;``.
        region: ISO 3166-1 region for national input, such as ``"US"``; without one only international input passes.
        number_types: names of ``phonenumbers.PhoneNumberType`` that may receive messages; ``None`` is any.
        countries: ISO 3166-1 regions that may receive messages; ``None`` is any.

    Raises:
        InvalidIdentifier: it is no number, or one of a type or a country that is not accepted.
    """
    text = text.strip()
    if len(text) > PHONE_MAX_LENGTH or not _PHONE_TEXT.fullmatch(text):
        raise _no_phone("more than digits and their separators")
    import phonenumbers  # metadata takes 100 ms to load, not at start
    from phonenumber_field.phonenumber import to_python

    number = to_python(text, region=region or phonenumbers.UNKNOWN_REGION)
    if not number or not number.is_valid():
        unknown = "no number of any country" if text.startswith("+") or region else "no country code, and no region set"
        raise _no_phone(unknown)
    if why_not := _why_not_texted(number, number_types=number_types, countries=countries):
        raise _no_phone(why_not)
    return Identifier(IdentifierKind.PHONE, str(number.as_e164))


@lru_cache(maxsize=256)
def _parsed(value: str) -> Any:
    """Parse a number in E.164, once for all that is asked about it at a delivery: each time takes some 80 µs."""
    import phonenumbers

    return phonenumbers.parse(value)


def why_not_texted(
    value: str, *, number_types: Collection[str] | None, countries: Collection[str] | None
) -> str | None:
    """Return why a number may not be texted, without the number; ``None`` if it may.

    Args:
        value: in E.164.
        number_types: as in `parse_phone`.
        countries: as in `parse_phone`.
    """
    return _why_not_texted(_parsed(value), number_types=number_types, countries=countries)


def _why_not_texted(
    number: Any, *, number_types: Collection[str] | None, countries: Collection[str] | None
) -> str | None:
    import phonenumbers

    if number_types is not None:
        its_type = phonenumbers.number_type(number)
        if its_type not in {getattr(phonenumbers.PhoneNumberType, name) for name in number_types}:
            return f"numbers of type {phonenumbers.PhoneNumberType.to_string(its_type)} are not texted"
    if countries is not None:
        # By the number itself: +1 is twenty-five countries, +44 four.
        region = phonenumbers.region_code_for_number(number)
        if region not in countries:
            return f"numbers of {region or 'no country'} are not texted"
    return None


def is_number(contact: str) -> bool:
    """Whether a stored contact is a number in E.164: an e-mail address may begin with a plus sign too."""
    return contact.startswith("+") and "@" not in contact


def country_of(value: str) -> str:
    """Return the ISO 3166-1 country of a number in E.164; "" for a number of none, such as a satellite's."""
    import phonenumbers

    try:
        region = phonenumbers.region_code_for_number(_parsed(value)) or ""
    except phonenumbers.NumberParseException:  # written into the table by other roads: its message is to be closed too
        return ""
    return region if region.isalpha() else ""  # "001", of the UN's regions, is the world


def phone_prefix(value: str) -> str:
    """Return the destination prefix of a number in E.164: the calling code and four digits, ``+447400`` or ``+12025``.

    Ranges are allotted to networks, and rented to whoever pumps traffic, in blocks of ten thousand to a million
    numbers, which is what four digits of the national number tell apart nearly everywhere. Five would let an attacker
    spread one rented block over ten budgets; three would make all of an operator's honest customers share one.
    """
    import phonenumbers

    number = _parsed(value)
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)[:PREFIX_DIGITS]}"


def canonical(kind: IdentifierKind, text: str, *, region: str | None = None) -> str:
    """Return a contact as `parse_email` and `parse_phone` would; unchanged where it is none.

    For what a project writes into a customer's row itself. Numbers of every type pass: whether one can be texted is
    asked of people who register, not of a shop that knows its customers.

    Args:
        kind: of contact.
        text: as the project writes it.
        region: as `parse_phone` takes it.
    """
    if _CANONICAL[kind].fullmatch(text):  # nearly always, and then no metadata has to be loaded
        return text
    try:
        if kind == IdentifierKind.EMAIL:
            return parse_email(text, allow_test_domains=True).value
        return parse_phone(text, region=region, number_types=None).value
    except InvalidIdentifier:
        return text


def kind_of(text: str) -> IdentifierKind:
    """Tell what a free-form identifier means to be: with an ``@`` an e-mail address, else a phone number."""
    return IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE


def mask(value: str) -> str:
    """Return a contact as it may be shown to others: ``j***@example.com``, ``+12*****0123``.

    Args:
        value: canonical.
    """
    if "@" in value:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}***@{domain}"
    if len(value) > 8:
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"
    return "*" * len(value)


def redact(text: str, value: str, *, shown: str) -> str:
    """Return a text of somebody else's, such as a server's refusal, with ``shown`` wherever it repeats a contact.

    Args:
        text: may spell the contact in upper case, or quoted as in a URL; a number with separators, less its country.
        value: the contact.
        shown: in its place.
    """
    if not value:
        return text
    spelt = _spelt(value) if is_number(value) else f"{re.escape(value)}|{re.escape(quote(value, safe=''))}"
    return re.sub(spelt, lambda _: shown, text, flags=re.IGNORECASE)


def _spelt(number: str) -> str:
    """Return a pattern of a number in E.164: country codes have one to three digits, so those may be missing."""
    between = r"[\s().\-/]*"
    country = "".join(f"(?:{digit}{between})?" for digit in number[1:4])
    return rf"(?:\+|%2B|00)?{country}{between.join(map(re.escape, number[4:]))}"
