"""Find customers as staff ask for them: by an id, a name, or any form of an e-mail address or phone number."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import CharField, Q, QuerySet

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.identifiers import Identifier, kind_of, parse_phone
from customer_registration.models import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH, CUSTOMER_PREFIX, ULID_LENGTH

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])

MAX_FOUND = 100
MAX_DIGITS = 18  # of a key that fits into a column
MAX_LENGTH = 320  # longer than any address, with a name before it
AUTH_IDENTITY_PREFIX = "authid_"
_ULID = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{2,{ULID_LENGTH}}}")
_SEPARATORS = re.compile(r"[\s()./\-]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """What a text may mean.

    Args:
        id_starts: how the id of a customer begins; "" if it means none.
        identifiers: whole contacts that it spells, as an address has one spelling and a national number one a country.
        email_part: of an address, as it is stored.
        phone_part: of a number, as it is stored.
    """

    id_starts: str = ""
    identifiers: tuple[Identifier, ...] = ()
    email_part: str = ""
    phone_part: str = ""

    def whole(self, *, ref: str = "pk", path: str = "") -> Q:
        """Return the condition that indexes serve: an id, whole contacts.

        Args:
            ref: where a row has the id of its customer.
            path: from a row to its customer, such as ``customer__``.
        """
        conditions = Q(**{f"{ref}__startswith": self.id_starts}) if self.id_starts else Q(pk__in=[])
        for kind in IdentifierKind:
            values = [identifier.value for identifier in self.identifiers if identifier.kind == kind]
            if values:
                conditions |= Q(**{f"{path}{kind.value}__in": values})
        return conditions

    def part(self, *, path: str = "") -> Q:
        """Return the condition that takes a look at every row: a part of a contact."""
        conditions = Q(pk__in=[])
        if self.email_part:
            conditions |= Q(**{f"{path}email__contains": self.email_part})
        if self.phone_part:
            conditions |= Q(**{f"{path}phone__contains": self.phone_part})
        return conditions


def among(customers: QuerySet[Customer], text: str, *, parts: bool) -> QuerySet[Customer]:
    """Return the customers that ``text`` is about; all of them if it is empty.

    Whole contacts and ids are looked for first, by their indexes. Only a text that finds none of them is taken for a
    name or a part, and makes the database read every row.

    Args:
        customers: to search.
        text: as typed.
        parts: whether a part of a contact will do, which lets whoever asks spell out a masked one.
    """
    text = " ".join(text.replace("\0", "").split())  # PostgreSQL chokes on a NUL
    if not text:
        return customers
    sought = read(text)
    found = customers.filter(sought.whole())
    if found.exists():
        return found
    names = Q(first_name__icontains=text) | Q(last_name__icontains=text) | Q(company_name__icontains=text)
    first, _, last = text.rpartition(" ")
    if first:
        names |= Q(first_name__icontains=first, last_name__icontains=last)
    return customers.filter(names | sought.part() if parts else names)


def named(text: str) -> list[Customer]:
    """Return the customers whose whole id or contact a text is, with their users; more than one for a number alone.

    Where something is going to be done to them, a part will not do.

    Args:
        text: as typed: an id, with either prefix, or any form of an e-mail address or phone number.
    """
    sought = read(text.replace("\0", ""))
    is_whole = len(sought.id_starts) == CUSTOMER_ID_LENGTH
    names = replace(sought, id_starts=sought.id_starts if is_whole else "")
    return list(Customer.objects.select_related("user").filter(names.whole()).order_by("pk")[:MAX_FOUND])


def of_customers(rows: Rows, text: str, *, ref: str, parts: bool) -> Rows:
    """Return the rows of the customers whom ``text`` is about, and the row whose own id it is.

    Customers first, then their rows by their ids, so that each table is read by an index.

    Args:
        rows: of any model.
        text: as typed.
        ref: the field that holds the id of a row's customer.
        parts: as `among` takes it.
    """
    text = text.replace("\0", "").strip()
    if not text:
        return rows
    found = among(Customer.objects.order_by("-pk"), text, parts=parts).values_list("pk", flat=True)[:MAX_FOUND]
    matching = Q(**{f"{ref}__in": list(found)})
    if (starts := _id_of(text)) and not rows.model._meta.get_field(ref).is_relation:
        matching |= Q(**{f"{ref}__startswith": starts})  # of customers who are gone
    if isinstance(rows.model._meta.pk, CharField):
        matching |= Q(pk=text)
    elif text.isdecimal():
        matching |= Q(pk=int(text[:MAX_DIGITS]))
    return rows.filter(matching)


def read(text: str) -> Sought:
    """Tell what a text may mean."""
    text = _unwrapped(unicodedata.normalize("NFKC", text.strip())[:MAX_LENGTH])
    return Sought(
        id_starts=_id_of(text),
        identifiers=tuple(dict.fromkeys(_identifiers(text))),
        email_part=_email_part(text),
        phone_part=_phone_part(text),
    )


def _unwrapped(text: str) -> str:
    """Return the contact in ``tel:+49…``, ``mailto:jane@…`` and ``Jane Doe <jane@…>``."""
    scheme, separator, rest = text.partition(":")
    if separator and scheme.lower() in ("tel", "mailto"):
        return rest.strip()
    return parseaddr(text)[1] or text if text.endswith(">") else text


def _id_of(text: str) -> str:
    for prefix in (CUSTOMER_PREFIX, AUTH_IDENTITY_PREFIX):
        if text.lower().startswith(prefix):
            return CUSTOMER_PREFIX + text[len(prefix) :].upper()[: CUSTOMER_ID_LENGTH - len(CUSTOMER_PREFIX)]
    bare = text.upper()
    # A number is no id: every ULID of our days begins with 01, and has letters.
    is_ulid = bare.startswith("01") and not bare.isdecimal() and _ULID.fullmatch(bare)
    return CUSTOMER_PREFIX + bare if is_ulid else ""


def _identifiers(text: str) -> Iterator[Identifier]:
    kind = kind_of(text)
    with suppress(InvalidIdentifier):
        yield identify(text, kind)
    if kind == IdentifierKind.PHONE and not text.startswith("+"):
        yield from _numbers(text)


def _numbers(text: str) -> Iterator[Identifier]:
    """Read a number as it is written at home, in every country that the shop sends text messages to, or abroad."""
    spellings: list[tuple[str, str | None]] = []
    spellings += [(text, country) for country in sorted(config().sms_guard.countries or ())]
    if text.startswith("00"):
        spellings.append(("+" + text[2:].lstrip(), getattr(settings, "PHONENUMBER_DEFAULT_REGION", None)))
    elif text[:1].isdecimal():
        spellings.append(("+" + text, None))  # as it is pasted from a log or a table
    for spelling, country in spellings:
        try:
            yield parse_phone(spelling, region=country, number_types=None)
        except InvalidIdentifier:
            continue


def _email_part(text: str) -> str:
    """Return a text as it would be stored within an address: lower case, domains in ASCII; "" if it cannot be."""
    local, at, domain = text.lower().rpartition("@")
    if not domain.isascii():
        import idna  # only for domains that need it

        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            return ""
    part = f"{local}{at}{domain}"
    return part if part.isascii() and not re.search(r"\s|\0", part) else ""


def _phone_part(text: str) -> str:
    """Return the digits of a number, without the zero that is left out when it is called from abroad."""
    bare = _SEPARATORS.sub("", text)
    digits = bare.lstrip("0") if not bare.startswith("+") else bare
    return digits if re.fullmatch(r"\+?[0-9]{3,15}", digits) else ""
