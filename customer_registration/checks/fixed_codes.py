"""Rules of ``TEST_IDENTIFIERS``: entries that work as they look, and none in production that nobody knows of."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags
from django.utils import timezone

from customer_registration import fixed_codes
from customer_registration.checks.findings import check, error, project_config
from customer_registration.conf import SETTING
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.identifiers import kind_of, parse_email, parse_phone


@check()
def entries_can_be_used(**_: Any) -> Iterable[CheckMessage]:
    """E019: keys are canonical, since stored contacts are; codes can be typed; every entry ends some day."""
    for name, entry in project_config().test_identifiers.items():
        where = f"{SETTING}: TEST_IDENTIFIERS[{name!r}]"
        canonical = _canonical(name)
        if canonical is None:
            yield error("E019", f"{where} is neither an e-mail address nor a phone number that may register.")
        elif canonical != name:
            yield error("E019", f"{where} is not in canonical form.", f"Write {canonical!r}.")
        try:
            fixed_codes.read(entry)
        except ValueError as fault:
            yield error("E019", f"{where} {fault}.")


@check(Tags.security)
def no_fixed_codes(**_: Any) -> Iterable[CheckMessage]:
    """E104: codes that never change do not belong in production."""
    entries = project_config().test_identifiers
    if entries:
        told = "; ".join(f"{name!r} {_how_long(entry)}" for name, entry in entries.items())
        yield error(
            "E104",
            f"{SETTING}: TEST_IDENTIFIERS are set: {told}.",
            "Remove what has expired. Silence this by its id if reviewers need the rest.",
        )


def _canonical(name: Any) -> str | None:
    if not isinstance(name, str):
        return None
    try:
        if kind_of(name) == IdentifierKind.EMAIL:
            return parse_email(name, allow_test_domains=True).value  # whether they register is up to DEBUG
        region, guard = getattr(settings, "PHONENUMBER_DEFAULT_REGION", None), project_config().sms_guard
        return parse_phone(name, region=region, number_types=guard.number_types, countries=guard.countries).value
    except InvalidIdentifier:
        return None
    except AttributeError:  # a number type that does not exist, which E013 reports
        return name


def _how_long(entry: Any) -> str:
    try:
        fixed = fixed_codes.read(entry)
    except ValueError:
        return "is malformed and opens nothing"
    return f"works until {fixed.until}" if fixed.works(timezone.now()) else f"expired after {fixed.until}"
