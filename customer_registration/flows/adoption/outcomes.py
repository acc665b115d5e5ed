"""What becomes of each customer who is taken in."""

from dataclasses import dataclass
from enum import StrEnum

from customer_registration.enums import IdentifierKind
from customer_registration.models import Customer


class Reason(StrEnum):
    """Why a customer is not written."""

    DUPLICATE = "duplicate"  # several of those who are to be taken in have the contact
    HELD = "held"  # another customer has the contact
    CLAIMED = "claimed"  # somebody signs up with the contact at this time, and has not proven it
    PRESENT = "present"  # the customer, or one of this user, is there already
    ERASED = "erased"  # a customer of this id has had their account erased
    GONE = "gone"  # the user has been deleted meanwhile
    REFUSED = "refused"  # by the database: a value that a column does not take
    # Seen before anything is looked up
    STAFF = "staff"  # no customer (decision 10)
    INACTIVE = "inactive"  # may not log in
    EMPTY = "empty"  # has no contact that logs in
    INVALID = "invalid"  # a contact is none, or a name does not fit
    LOOKALIKE = "lookalike"  # a contact is written in characters that look like those of another


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What stands in a customer's way.

    Args:
        reason: why.
        kind: of the contact that it is about.
        holder: the id of the customer who is there instead.
        detail: a few words of the database's kind of refusal, without a value.
    """

    reason: Reason
    kind: IdentifierKind | None = None
    holder: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one customer: written, or hindered."""

    customer: Customer
    hindrance: Hindrance | None = None

    @property
    def written(self) -> bool:
        """Whether the customer is there now; in a dry run, whether they would be."""
        return self.hindrance is None
