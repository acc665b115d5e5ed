"""Make a customer of every user who has none.

Two passes: the first reads everybody's contacts, since whether somebody else has one is known only when all are read;
the second writes, batch by batch. Nothing is kept between runs: whoever has a customer is passed over, so a run that
was killed is simply started again, and two at a time do no harm.

The users' rows stay as they are, their spelling of a contact included: the customer's row holds the canonical form, by
which people log in, and deleting the customers undoes an adoption.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption import writing
from customer_registration.flows.adoption.contacts import Assessed, assess, why_not
from customer_registration.flows.adoption.outcomes import Hindrance, Reason
from customer_registration.flows.adoption.people import Page, Person, Reader
from customer_registration.flows.adoption.survey import Contacts, Survey
from customer_registration.models import Customer

BATCH_SIZE = 1000
SOURCE = "adopt_users"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one user.

    Args:
        person: the user.
        contacts: what their row says.
        hindrance: why they are no customer; ``None`` if they are one now.
    """

    person: Person
    contacts: Contacts
    hindrance: Hindrance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """One run over all users.

    Args:
        reader: of the users.
        proven: the kinds of contact that the shop vouches for.
        dry_run: whether to write nothing.
        tell: is called after each page, in either pass, with the number of users that were read.
    """

    reader: Reader
    proven: frozenset[IdentifierKind] = frozenset()
    dry_run: bool = False
    tell: Callable[[int], None] = field(default=lambda read: None)

    def results(self) -> Iterator[Result]:
        """Take everybody in; yield what became of each user who had no customer, in the order of their keys.

        Raises:
            OperationalError: the database is gone. Whole batches are written or not.
        """
        with closing(Survey()) as survey:
            self.look_at_everybody(survey)
            yield from self.take_in(survey)

    def look_at_everybody(self, survey: Survey) -> None:
        """Note the contacts of everybody who may become a customer."""
        for page in self.reader.pages():
            survey.note((each.key, _contacts(each)) for each in page.people if not each.left_out)
            self.tell(page.read)
        survey.compare()

    def take_in(self, survey: Survey) -> Iterator[Result]:
        """Write everybody whom nothing hinders, as `results` says."""
        for page in self.reader.pages():
            yield from self._take_in(page, survey)
            self.tell(page.read)

    def _take_in(self, page: Page, survey: Survey) -> Sequence[Result]:
        now, noted = timezone.now(), survey.of(each.key for each in page.people if not each.left_out)
        results: dict[str, Result] = {}
        customers: dict[str, Customer] = {}
        for person in page.people:
            contacts = {} if person.left_out else _contacts(person, noted)
            hindrance = why_not(person, contacts) or _shared(contacts, survey)
            key = str(person.key)
            results[key] = Result(person, contacts, hindrance)
            if hindrance is None:
                customers[key] = self._customer(person, contacts, now=now)
        outcomes = writing.write(list(customers.values()), source=SOURCE, now=now, dry_run=self.dry_run)
        for key, outcome in zip(customers, outcomes, strict=True):
            results[key] = Result(results[key].person, results[key].contacts, outcome.hindrance)
        return list(results.values())

    def _customer(self, person: Person, contacts: Contacts, *, now: datetime) -> Customer:
        joined = person.joined or now
        return Customer(
            user_id=person.key,
            **{kind.value: each.value for kind, each in contacts.items()},
            **{f"{kind.value}_verified_at": now for kind in contacts if kind in self.proven},
            **person.names,
            registered_at=joined,
            created_at=joined,
            updated_at=now,
        )


def _contacts(person: Person, noted: dict[tuple[str, IdentifierKind], Assessed] | None = None) -> Contacts:
    """Return what a person's texts are; those that are as they were noted need not be read again, which takes time."""
    contacts = {}
    for kind, text in person.texts.items():
        known = (noted or {}).get((str(person.key), kind))
        contacts[kind] = known if known and known.text == text else assess(kind, text)
    return contacts


def _shared(contacts: Contacts, survey: Survey) -> Hindrance | None:
    shared = (kind for kind, each in contacts.items() if survey.is_shared(kind, each.value))
    kind = next(shared, None)
    return None if kind is None else Hindrance(Reason.DUPLICATE, kind)
