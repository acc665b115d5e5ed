"""Move the accounts of a source in, a batch at a time, and count what became of each."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from customer_registration.contrib.medusa.people import Person, Unfit, person_of
from customer_registration.contrib.medusa.staging import Account, Staging
from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.outcomes import Hindrance, Reason
from customer_registration.flows.adoption.writing import write

SOURCE = "import_medusa"
BATCH_SIZE = 1000
SHOWN = 20

# By reason, and by the kind of contact where it is about one.
HINDERED = {
    (Reason.HELD, IdentifierKind.EMAIL): "have an e-mail address that somebody else has here",
    (Reason.HELD, IdentifierKind.PHONE): "have a phone number that somebody else has here, and no e-mail address",
    (Reason.CLAIMED, IdentifierKind.EMAIL): "have an e-mail address that somebody signs up with here at this time",
    (Reason.CLAIMED, IdentifierKind.PHONE): "have a phone number that somebody signs up with here at this time",
}
ERASED = "have had their account erased here"
REFUSED = "were refused by the database, or their address is that of a user here"
PHONE_HELD = "came without their phone number: somebody else has it here"


@dataclass(slots=True)
class Found:
    """How many a line of the report is about, and the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, customer_id: str) -> None:
        """Count somebody."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(customer_id)


@dataclass(slots=True)
class Tally:
    """What became of the accounts so far; its size does not depend on how many they are.

    Args:
        tell: is given each line of the whole report, as a customer's id and what is to be told.
    """

    tell: Callable[[str, str], None]
    moved: int = 0
    here: int = 0
    proven: Counter[IdentifierKind] = field(default_factory=Counter)
    stayed: dict[str, Found] = field(default_factory=dict)
    lost: dict[str, Found] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many accounts have been looked at."""
        return self.moved + self.here + sum(found.count for found in self.stayed.values())

    def stays(self, customer_id: str, reason: str) -> None:
        """Count somebody who stays out."""
        self.stayed.setdefault(reason, Found()).add(customer_id)
        self.tell(customer_id, reason)

    def moves(self, person: Person, *notes: str) -> None:
        """Count somebody who has come in."""
        self.moved += 1
        self.proven.update(kind for kind in IdentifierKind if person.customer.has_verified(kind))
        for note in (*person.notes, *notes):
            self.lost.setdefault(note, Found()).add(person.customer.pk)
            self.tell(person.customer.pk, note)


@dataclass(frozen=True, slots=True)
class Move:
    """A run.

    Args:
        batch_size: accounts in a transaction.
        dry_run: only tell what would become of each.
        take_as_proven: as in `people.person_of`.
    """

    batch_size: int = BATCH_SIZE
    dry_run: bool = False
    take_as_proven: bool = False

    def work(self, staging: Staging, tally: Tally) -> Iterator[int]:
        """Move the accounts; yield how many a batch was, after each.

        What a batch has written stays if the next one fails: those who are here are left alone by another run.
        """
        for accounts in staging.batches(self.batch_size):
            now = timezone.now()
            self._write(list(self._fit(accounts, tally, now=now)), tally, now=now)
            yield len(accounts)

    def _fit(self, accounts: list[Account], tally: Tally, *, now: datetime) -> Iterator[Person]:
        for account in accounts:
            person = person_of(account, now=now, take_as_proven=self.take_as_proven)
            if isinstance(person, Unfit):
                # What is no id may be anything, a contact too.
                tally.stays("(no id)" if person == Unfit.ID else account.id, person)
            else:
                yield person

    def _write(self, people: list[Person], tally: Tally, *, now: datetime, without_phone: bool = False) -> None:
        if not people:
            return
        customers = [person.customer for person in people]
        outcomes = write(customers, source=SOURCE, now=now, ids_from_elsewhere=True, dry_run=self.dry_run)
        again = []
        for person, outcome in zip(people, outcomes, strict=True):
            hindrance = outcome.hindrance
            if hindrance is None:
                tally.moves(person, *[PHONE_HELD] * without_phone)
            elif hindrance.reason == Reason.PRESENT:
                tally.here += 1
            elif hindrance.kind == IdentifierKind.PHONE and person.customer.email:
                person.leave_phone()
                again.append(person)
            else:
                tally.stays(person.customer.pk, _why(hindrance))
        self._write(again, tally, now=now, without_phone=True)


def _why(hindrance: Hindrance) -> str:
    kind = hindrance.kind
    if hindrance.reason == Reason.ERASED:
        return ERASED
    return HINDERED.get((hindrance.reason, kind), REFUSED) if kind else REFUSED
