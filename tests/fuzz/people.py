"""Who lives in the fuzzed shop, what they have in hand, and what was sent to them."""

from dataclasses import dataclass, field
from typing import Any

import jwt

JANE, JOE, STRANGER = PEOPLE = ("jane", "joe", "stranger")
NUMBERS = {name: f"+1202555010{number}" for number, name in enumerate(PEOPLE)}
CONTACTS = {
    name: (f"{name}@example.com", f"{name}.next@example.com", number, number[:-2] + "2" + number[-1])
    for name, number in NUMBERS.items()
}
OWNER = {contact: name for name, contacts in CONTACTS.items() for contact in contacts}
EVERYWHERE = tuple(OWNER)
PASSWORDS = {name: (f"{name}'s first battery", f"{name}'s other staple") for name in PEOPLE}
MAX_ATTEMPTS = 5


def kind_of(contact: str) -> str:
    """Return ``email`` or ``phone``."""
    return "email" if "@" in contact else "phone"


@dataclass
class Token:
    """A login JWT in somebody's hands. ``dead`` is set when something happened that has to end it."""

    value: str = field(repr=False)
    holder: str
    tainted: bool = False  # stolen, or got by a stolen one
    dead: bool = False

    def __post_init__(self) -> None:
        self.claims: dict[str, Any] = jwt.decode(self.value, options={"verify_signature": False})
        self.customer: str = "cus_" + self.claims["auth_identity_id"].removeprefix("authid_")

    @property
    def has_actor(self) -> bool:
        """Whether it speaks for a customer who exists."""
        return bool(self.claims["actor_id"])


@dataclass
class Flow:
    """A flow token in somebody's hands: it names the row of a code."""

    value: str = field(repr=False)
    holder: str
    row_id: str
    purpose: str


@dataclass
class Secret:
    """A code or a link that was sent to a contact, whose owner alone can read it."""

    row_id: str
    purpose: str
    contact: str
    customer: str | None
    asker: str
    code: str = field(repr=False)
    link: str = field(repr=False)
    expires: float
    guesses: int = 0
    used: bool = False
    dead: bool = False
    grant_until: float = 0

    @property
    def reader(self) -> str:
        """Who reads it."""
        return OWNER[self.contact]

    def is_alive(self, now: float) -> bool:
        """Whether it may still prove anything, in its one purpose."""
        return not (self.used or self.dead) and now < self.expires and self.guesses < MAX_ATTEMPTS
