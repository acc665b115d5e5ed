"""Make of an account of Medusa's a customer of ours, or say why not. What is not certain is told, never guessed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from customer_registration.contrib.medusa.hashers import MedusaScryptPasswordHasher
from customer_registration.contrib.medusa.records import RefusedRecord
from customer_registration.contrib.medusa.staging import Account, canonical
from customer_registration.enums import IdentifierKind
from customer_registration.flows.storable import is_storable
from customer_registration.models import Customer
from customer_registration.models.ids import CUSTOMER_ID_LENGTH
from customer_registration.users import user_adapter

EMAILPASS = "emailpass"
NAME_MAX_LENGTH = 255  # of first_name, last_name and company_name
_ID = re.compile(rf"cus_[0-9A-Za-z]{{1,{CUSTOMER_ID_LENGTH - 4}}}")


class Unfit(StrEnum):
    """Why an account stays out."""

    ID = "have an id that is not cus_ and up to 26 letters and digits"
    NO_CONTACT = "have neither an e-mail address nor a phone number that can be one"
    EMAIL = "have an e-mail address that is none, or has a character that stands for another"
    SAME_EMAIL = "share an e-mail address but for its case or spelling"
    SAME_PHONE = "share a phone number, and have no e-mail address"
    LONG = "have a name that is too long"
    UNREADABLE = "have a value that cannot be read"


class Note(StrEnum):
    """What somebody who comes in has left behind."""

    NONE_KEPT = "came without a password: they have none there"
    OTHER_LOGIN = "came without their password: the login it belongs to is not their address or number"
    SEVERAL_KEPT = "came without a password: they have several there"
    REFUSED_RECORD = "came without their password: it is no scrypt-kdf record, or one that costs too much"
    SECOND_FACTOR = "came without their password: it was half of a login with a second factor, which is not moved"
    PHONE = "came without their phone number: it is none"
    SAME_PHONE = "came without their phone number: others have it too"


@dataclass(slots=True)
class Person:
    """Who comes in.

    Args:
        customer: not saved, with a user who is not saved.
        logs_in_by: the contact that the password belongs to.
        notes: what they have left behind.
    """

    customer: Customer
    logs_in_by: IdentifierKind | None
    notes: list[Note] = field(default_factory=list)

    def leave_phone(self) -> None:
        """Take the phone number off the customer and the user, and a password whose login it is."""
        customer, user = self.customer, self.customer.user
        customer.phone = customer.phone_verified_at = None
        made = user_adapter().build(customer)
        made.password = user.password  # type: ignore[union-attr]
        if self.logs_in_by == IdentifierKind.PHONE and made.has_usable_password():
            made.set_unusable_password()
            self.notes.append(Note.OTHER_LOGIN)
        customer.user = made


class _Stays(Exception):
    def __init__(self, reason: Unfit) -> None:
        self.reason = reason


def person_of(account: Account, *, now: datetime, take_as_proven: bool) -> Person | Unfit:
    """Return the customer that an account becomes, with a user, or why it stays out.

    Args:
        account: of Medusa's.
        now: where it names no time.
        take_as_proven: the address that somebody has logged in with is theirs, whether or not it was verified.
    """
    try:
        return _person_of(account, now=now, take_as_proven=take_as_proven)
    except _Stays as stays:
        return stays.reason


def _person_of(account: Account, *, now: datetime, take_as_proven: bool) -> Person:
    if not _ID.fullmatch(account.id):
        raise _Stays(Unfit.ID)
    notes: list[Note] = []
    email, phone = _contacts(account, notes)
    values, created = account.values, _time(account.values["created_at"]) or now
    customer = Customer(
        id=account.id,
        email=email,
        phone=phone,
        **{name: _name(values[name]) for name in ("first_name", "last_name", "company_name")},
        metadata=_metadata(values["metadata"]),
        registered_at=created,
        claim_expires_at=None,
        created_at=created,
        updated_at=_time(values["updated_at"]) or created,
    )
    password, logs_in_by = _password(account, customer, notes)
    for kind in IdentifierKind:
        setattr(customer, f"{kind.value}_verified_at", _proven_at(account, customer, kind))
    if take_as_proven and logs_in_by and not customer.has_verified(logs_in_by):
        setattr(customer, f"{logs_in_by.value}_verified_at", now)
    user = user_adapter().build(customer)
    user.password = password
    customer.user = user
    return Person(customer, logs_in_by, notes)


def _contacts(account: Account, notes: list[Note]) -> tuple[str | None, str | None]:
    email, phone = account.email, account.phone
    if email is None and account.values["email"]:
        raise _Stays(Unfit.EMAIL)
    if IdentifierKind.EMAIL in account.shared:
        raise _Stays(Unfit.SAME_EMAIL)
    if phone is None and account.values["phone"]:
        notes.append(Note.PHONE)
    if IdentifierKind.PHONE in account.shared:
        if email is None:
            raise _Stays(Unfit.SAME_PHONE)
        notes.append(Note.SAME_PHONE)
        phone = None
    if email is None and phone is None:
        raise _Stays(Unfit.NO_CONTACT)
    return email, phone


def _password(account: Account, customer: Customer, notes: list[Note]) -> tuple[str, IdentifierKind | None]:
    """Return the hash that is stored, and which contact its owner logs in by.

    A login by another name than the customer's own address or number is not followed: whoever knows that password need
    not be whom mail to the customer reaches. Nor is a password taken that was not enough by itself.
    """
    logins = [login for login in account.logins if login.password]
    fitting = [(login, kind) for login in logins if (kind := _contact_of(login.entity_id, customer))]
    preferred = [pair for pair in fitting if pair[0].provider == EMAILPASS] or fitting
    records = {login.password for login, _ in preferred}
    note, kind = None, preferred[0][1] if preferred else None
    if not logins:
        note = Note.NONE_KEPT
    elif not preferred:
        note = Note.OTHER_LOGIN
    elif len(records) > 1:
        note = Note.SEVERAL_KEPT
    elif account.has_second_factor:
        note = Note.SECOND_FACTOR
    else:
        try:
            return MedusaScryptPasswordHasher.encoding_of(str(records.pop())), kind
        except RefusedRecord:
            note = Note.REFUSED_RECORD
    notes.append(note)
    return make_password(None), kind


def _contact_of(text: str, customer: Customer) -> IdentifierKind | None:
    """Return which contact of the customer's a text spells."""
    for kind in IdentifierKind:
        value = getattr(customer, kind.value)
        if value is not None and value in (text, canonical(kind, text)):
            return kind
    return None


def _proven_at(account: Account, customer: Customer, kind: IdentifierKind) -> datetime | None:
    """Return when a contact was proven: by Medusa's own verification, else by the plugin's flag, which has no time.

    Flags in ``metadata`` prove nothing: customers write it themselves.
    """
    if customer.contact(kind) is None:
        return None
    times = [_time(when) for text, when in account.proofs if _contact_of(text, customer) == kind]
    proven: Sequence[Any] = [time for time in times if time]
    if proven:
        return max(proven)
    return customer.updated_at if account.values[f"{kind.value}_verified"] in ("t", "true") else None


def _name(text: str | None) -> str | None:
    if text is None:
        return None
    if "\0" in text:
        raise _Stays(Unfit.UNREADABLE)
    if len(text) > NAME_MAX_LENGTH:
        raise _Stays(Unfit.LONG)
    return text


def _metadata(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        raise _Stays(Unfit.UNREADABLE) from None
    # What nests deeper than a request may, some page could not read: it is written, and every login fails.
    if not isinstance(value, dict | None) or not is_storable(value):
        raise _Stays(Unfit.UNREADABLE)
    return value


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        value = datetime.fromisoformat(text)
        # Databases that keep UTC do the same, and would stop a batch at what is past the year 1 or 9999 there.
        value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return value if settings.USE_TZ else timezone.make_naive(value)
    except (ValueError, OverflowError):
        raise _Stays(Unfit.UNREADABLE) from None
