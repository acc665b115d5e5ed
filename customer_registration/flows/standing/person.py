"""Whom limits are counted against: somebody known or not, by a contact or an id. All of them share the counters."""

from dataclasses import dataclass

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import InvalidIdentifier
from customer_registration.flows.identify import identify
from customer_registration.flows.support import search
from customer_registration.identifiers import Identifier, kind_of, mask
from customer_registration.models import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH


class NobodyNamed(Exception):
    """The text is neither a contact nor a whole id; or it is a number that several people have, who are named."""

    def __init__(self, *ids: str) -> None:
        super().__init__(*ids)
        self.ids = ids


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a text names.

    Args:
        contacts: theirs, or the one that is asked about.
        id: of a customer, who need not exist; "" if only a contact is known.
        customer: with the user loaded, if there is one.
    """

    contacts: tuple[Identifier, ...] = ()
    id: str = ""
    customer: Customer | None = None

    @property
    def name(self) -> str:
        """Return who it is, with contacts masked."""
        contacts = ", ".join(mask(contact.value) for contact in self.contacts)
        if self.customer is None:
            return f"{self.id or contacts}, who is no customer"
        return ", ".join(filter(None, [self.id, contacts]))


def named(text: str) -> Person:
    """Return whom a text names in full.

    Args:
        text: an id, or any form of an e-mail address or phone number.

    Raises:
        NobodyNamed: it names nobody, or several people.
    """
    found = search.named(text)
    if len(found) > 1:
        raise NobodyNamed(*(each.pk for each in found))
    if found:
        [customer] = found
        claimed = tuple(contact for kind in IdentifierKind if (contact := customer.claimed(kind)))
        return Person(claimed, customer.pk, customer)
    sought = search.read(text)
    if len(sought.id_starts) == CUSTOMER_ID_LENGTH:
        return Person(id=sought.id_starts)
    try:
        return Person((identify(text, kind_of(text)),))
    except InvalidIdentifier as error:
        raise NobodyNamed from error
