"""Commands about the users who are to be customers."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.adopting import BATCH_SIZE
from customer_registration.flows.adoption.fields import Fields, UnknownField
from customer_registration.flows.adoption.findings import Note
from customer_registration.flows.adoption.outcomes import Reason
from customer_registration.flows.adoption.passwords import hasher_of
from customer_registration.flows.adoption.people import Reader
from customer_registration.identifiers import mask
from customer_registration.management.arguments import positive

NOUNS = {IdentifierKind.EMAIL: "e-mail address", IdentifierKind.PHONE: "phone number", None: "contact"}
SAID = {
    Reason.DUPLICATE: "several users have this {noun}",
    Reason.HELD: "customer {other} has this {noun}",
    Reason.CLAIMED: "customer {other} signs up with this {noun}, and has not proven it yet",
    Reason.PRESENT: "is customer {other} by now",
    Reason.GONE: "has been deleted meanwhile",
    Reason.REFUSED: "the database refuses the row: {detail}",
    Reason.EMPTY: "has no contact that logs in",
    Reason.INVALID: "{detail}",
    Reason.LOOKALIKE: "the {noun} has {detail}",
    Note.RESEMBLES: "looks like the {noun} of {other}",
    Note.MIXED: "the domain mixes letters that look alike",
}


class UsersCommand(BaseCommand):
    """A command that reads the contacts of the project's users."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of each."""
        parser.add_argument(
            "--email-field",
            metavar="NAME",
            help="Where e-mail addresses are; by default the model's e-mail field; '' leaves them out.",
        )
        parser.add_argument(
            "--phone-field",
            metavar="NAME",
            help="Where phone numbers are (profile__phone); by default phone or phone_number; '' leaves them out.",
        )
        parser.add_argument(
            "--include-inactive", action="store_true", help="Users who may not log in, too; they still may not."
        )
        parser.add_argument("--batch-size", type=positive, default=BATCH_SIZE, help=f"Users at once ({BATCH_SIZE}).")

    def reader(self, options: dict[str, Any]) -> Reader:
        """Return what reads the users as the options say.

        Raises:
            CommandError: the model has no such field; the message names those that it has.
        """
        try:
            fields = Fields.chosen(email=options["email_field"], phone=options["phone_field"])
        except UnknownField as error:
            raise CommandError(str(error)) from error
        return Reader(fields, size=options["batch_size"], inactive=options["include_inactive"])

    def introduction(self, reader: Reader) -> str:
        """Return where the contacts are read from, and why the progress counts everybody twice."""
        named = (f"{NOUNS[kind]}: {reader.fields.contacts.get(kind, 'not read')}" for kind in IdentifierKind)
        return f"{get_user_model()._meta.label}, {'; '.join(named)}. Each user is read twice, to compare them first."


@contextmanager
def room_on_the_disk() -> Iterator[None]:
    """Say where the room is wanted, if there is none.

    Raises:
        CommandError: SQLite's temporary file cannot be written.
    """
    try:
        yield
    except sqlite3.Error as error:
        where = "SQLITE_TMPDIR names another folder"
        raise CommandError(f"The temporary file cannot be written: {error}. {where}.") from error


def unread(users: Counter[str]) -> Iterator[str]:
    """Yield, for each algorithm, how many cannot log in with their passwords, and what to do."""
    for algorithm, count in sorted(users.items()):
        yield (
            f"{count} cannot log in with their passwords, made by {algorithm}:"
            f" add {hasher_of(algorithm)} to PASSWORD_HASHERS, after the first."
        )


def said(reason: Reason | Note, kind: IdentifierKind | None, *, other: str, detail: str) -> str:
    """Return a reason in words."""
    return SAID.get(reason, reason.value).format(noun=NOUNS[kind], other=other, detail=detail)


def shown(contact: str, *, whole: bool = False) -> str:
    """Return a contact for a terminal: masked, and in ASCII, so that no row writes on it what it likes."""
    return (contact if whole else mask(contact)).encode("unicode_escape").decode("ascii")
