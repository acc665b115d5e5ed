"""Tell what the text in a user's row is as a contact of a customer."""

import unicodedata
from dataclasses import dataclass

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.adoption.outcomes import Hindrance, Reason
from customer_registration.flows.adoption.people import Person
from customer_registration.flows.gates import login_kinds
from customer_registration.flows.identify import identify
from customer_registration.models import Customer

COMPATIBILITY = "a character that stands for another"


@dataclass(frozen=True, slots=True)
class Assessed:
    """A text and what it is: the canonical contact, or why it is none.

    Args:
        text: as in the user's row, trimmed.
        value: canonical; "" if it is none.
        hindrance: why it is none.
    """

    text: str
    value: str = ""
    hindrance: Hindrance | None = None


def assess(kind: IdentifierKind, text: str) -> Assessed:
    """Read a text as whoever logs in with it would be read.

    A number need not be one that may be texted: ``SMS_GUARD`` is for numbers that are new to the shop. An address with
    a compatibility character, such as the Kelvin sign in place of a K, is not adopted: its canonical form is another
    mailbox than the one that the shop has written to, and maybe somebody else's (attack A1).
    """
    if kind == IdentifierKind.EMAIL and not text.isascii() and any(map(_stands_for_another, text)):
        return Assessed(text, hindrance=Hindrance(Reason.LOOKALIKE, kind, detail=COMPATIBILITY))
    try:
        return Assessed(text, identify(text, kind).value)
    except InvalidIdentifier as error:
        return Assessed(text, hindrance=Hindrance(Reason.INVALID, kind, detail=error.reason))


def why_not(person: Person, contacts: dict[IdentifierKind, Assessed]) -> Hindrance | None:
    """Return what hinders a person whom nobody else is in the way of; ``None`` if nothing does."""
    if person.left_out:
        return Hindrance(person.left_out)
    for assessed in contacts.values():
        if assessed.hindrance:
            return assessed.hindrance
    if not any(kind in contacts for kind in login_kinds()):
        return Hindrance(Reason.EMPTY)
    for name, text in person.names.items():
        longest = getattr(Customer._meta.get_field(name), "max_length", None)
        if longest is not None and len(text) > longest:
            return Hindrance(Reason.INVALID, detail=f"{name} is longer than {longest} characters")
    return None


def _stands_for_another(character: str) -> bool:
    # One by one: letters that are written with combining accents are composed by NFKC as well, and are no look-alikes.
    return unicodedata.normalize("NFKC", character) != character
