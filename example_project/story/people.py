"""Who is in the story, and what the shop has given them so far."""

import secrets
from collections.abc import Iterator
from typing import NoReturn

import phonenumbers

from example_project.story.authenticator import App

REGION = "US"


class NotKnown(AttributeError):
    """A step needs something that no earlier step got."""

    def __init__(self, fact: str) -> None:
        self.fact = fact
        super().__init__(fact)


class Person:
    """Somebody with an e-mail address, a phone and a password; the rest is known once a step has set it."""

    phone: str
    customer_id: str
    registration_token: str
    flow_token: str
    code: str
    link_token: str
    login_token: str
    lost_token: str
    lost_password: str
    request_id: str
    erased_id: str
    last_message: int
    factor_id: str
    app: App
    challenge_id: str
    recovery_codes: list[str]

    def __init__(self, email: str, password: str, phone: str | None = None) -> None:
        self.email = email
        self.password = password
        if phone:
            self.phone = phone

    @classmethod
    def stranger(cls, name: str, phone: str) -> "Person":
        """Return somebody the shop has never seen, so that the story works again on the same database."""
        return cls(f"{name}-{secrets.token_hex(4)}@example.com", new_password(), phone)

    @property
    def by_email(self) -> dict[str, str]:
        """The body of a registration or a login by e-mail."""
        return {"email": self.email, "password": self.password}

    @property
    def by_phone(self) -> dict[str, str]:
        """The body of a registration or a login by phone."""
        return {"phone": self.phone, "password": self.password}

    def by(self, kind: str) -> dict[str, str]:
        """The body of a login by ``email`` or ``phone``."""
        return self.by_email if kind == "email" else self.by_phone

    @property
    def national_phone(self) -> str:
        """The phone as people at home write it: ``(415) 555-0123``."""
        return f"({self.phone[2:5]}) {self.phone[5:8]}-{self.phone[8:]}"

    @property
    def dotted_phone(self) -> str:
        """The phone in yet another spelling: ``+1.415.555.0123``."""
        return f"+1.{self.phone[2:5]}.{self.phone[5:8]}.{self.phone[8:]}"

    def __getattr__(self, name: str) -> NoReturn:
        raise NotKnown(name)


def new_password() -> str:
    """Return a password nobody has used."""
    return secrets.token_urlsafe(12)


def fictional_numbers() -> Iterator[str]:
    """Yield American numbers that rang in films only, 555-0100 to 555-0199 of every area, each once, in no order."""
    first, after_last = 201_00, 990_00
    drawn = secrets.SystemRandom().sample(range(first, after_last), after_last - first)
    for area, line in (divmod(number, 100) for number in drawn):
        number = phonenumbers.parse(f"+1{area}55501{line:02}")
        takes_texts = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
        if takes_texts and phonenumbers.is_valid_number_for_region(number, REGION):
            yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
