"""The numbers of somebody who earns on texts: valid ones of many countries, over many destination prefixes."""

from collections.abc import Iterator
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from customer_registration.identifiers import InvalidIdentifier, parse_phone, phone_prefix

BLOCK = 1000  # numbers of one prefix that are tried for valid ones


@cache
def prefixes(count: int, *, outside: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the first number of each of so many destination prefixes, spread over the countries of the world."""
    found: dict[str, str] = {}
    regions = sorted(set(phonenumbers.SUPPORTED_REGIONS) - set(outside))
    for digit in "0123456789":
        for region in regions:
            example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
            value = phonenumbers.format_number(example, PhoneNumberFormat.E164) if example else ""
            place = len(str(example.country_code)) + 4 if example else 0
            if len(value) > place and is_texted(value := value[:place] + digit + value[place + 1 :]):
                found.setdefault(phone_prefix(value), value)
            if len(found) == count:
                return tuple(found.values())
    raise ValueError(f"there are {len(found)} prefixes")


def block(first: str) -> Iterator[str]:
    """Yield valid numbers that share a prefix with ``first``."""
    for number in range(BLOCK):
        value = f"{first[:-3]}{number:03}"
        if is_texted(value) and phone_prefix(value) == phone_prefix(first):
            yield value


def is_texted(value: str) -> bool:
    """Whether the default settings take a number."""
    try:
        return parse_phone(value).value == value
    except InvalidIdentifier:
        return False
