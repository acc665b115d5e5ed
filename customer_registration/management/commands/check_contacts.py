"""List what somebody has to decide before the project's users become customers; nothing is written."""

import json
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser

from customer_registration.flows.adoption import lookalikes
from customer_registration.flows.adoption.checking import Check
from customer_registration.flows.adoption.findings import NO_DECISION, Finding, Findings, Note
from customer_registration.flows.adoption.outcomes import Reason
from customer_registration.flows.adoption.survey import Group, Likeness
from customer_registration.identifiers import mask
from customer_registration.management.arguments import positive
from customer_registration.management.progress import progress
from customer_registration.management.tables import migrated
from customer_registration.management.users import NOUNS, UsersCommand, room_on_the_disk, said, shown, unread

SHOWN = 20
USERS_IN_A_LINE = 10
HEADINGS: dict[Reason | Note, str] = {
    Reason.LOOKALIKE: "Compatibility characters: the canonical form is another mailbox",
    Note.RESEMBLES: "Look-alikes of another address",
    Note.MIXED: "Domains of mixed scripts",
    Reason.INVALID: "Invalid",
    Reason.EMPTY: "No contact that logs in",
    Reason.HELD: "Held by a customer",
    Reason.CLAIMED: "Claimed by somebody who signs up",
}
ALIKE = {
    Likeness.IDENTICAL: "identical",
    Likeness.CASE: "differ in case only",
    Likeness.FORM: "differ in spelling, and are one contact",
}


class Command(UsersCommand):
    """``manage.py check_contacts``; status 1 if something needs a decision."""

    help = "List duplicate, look-alike, invalid and missing contacts of the users whom adopt_users would adopt."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument(
            "--format", choices=["text", "json"], default="text", help="json: a line for each finding, none left out."
        )
        parser.add_argument(
            "--limit", type=positive, default=SHOWN, help=f"Lines under each heading of the text ({SHOWN})."
        )
        parser.add_argument("--show-contacts", action="store_true", help="Whole contacts, not masked ones.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and list.

        Raises:
            CommandError: something needs a decision.
        """
        reader, as_text = self.reader(options), options["format"] == "text"
        if as_text:
            self.stdout.write(self.introduction(reader))
        with migrated(), room_on_the_disk(), progress(self, 2 * reader.count(), unit="users", lines=20) as advance:
            check = Check(reader=reader, tell=advance if as_text else lambda read: None)
            with check.look() as findings:
                write = _Text(self.stdout.write, options) if as_text else _Json(self.stdout.write, options)
                write.everything(findings)
                undecided = findings.need_a_decision()
        self.stdout.flush()  # a log that takes both keeps them in order
        if undecided:
            raise CommandError("Something needs a decision.")


class _Json:
    """A JSON object a line: the findings, then the summary."""

    def __init__(self, write: Callable[[str], Any], options: dict[str, Any]) -> None:
        self._write, self._whole = write, options["show_contacts"]

    def everything(self, findings: Findings) -> None:
        """Write all there is."""
        for number, group in enumerate(findings.survey.groups(), 1):
            for user, text in findings.survey.holders(group.kind, group.value):
                self._line(
                    finding=Reason.DUPLICATE,
                    user=user,
                    kind=group.kind,
                    contact=self._contact(text),
                    group=number,
                    alike=group.likeness,
                )
        for reason in (*HEADINGS, *NO_DECISION):
            for each in findings.of(reason):
                self._finding(each)
        counts = {**findings.counts(), Reason.DUPLICATE.value: findings.survey.count_shared()}
        known = {"passwords_unread": dict(findings.unread), "lookalikes_compared": lookalikes.is_available()}
        self._line(summary={"ready": findings.ready, **counts, **known})

    def _finding(self, each: Finding) -> None:
        contact = self._contact(each.contact)
        known = {"kind": each.kind, "contact": contact, "other": each.other, "detail": each.detail}
        said = {name: value for name, value in known.items() if value}
        self._line(finding=each.reason, user=each.user, **said, left_out=each.skipped)

    def _contact(self, text: str) -> str:
        return text if self._whole else mask(text)

    def _line(self, **what: Any) -> None:
        self._write(json.dumps(what))


class _Text:
    """Headings, with the first lines of each."""

    def __init__(self, write: Callable[[str], Any], options: dict[str, Any]) -> None:
        self._write, self._whole, self._limit = write, options["show_contacts"], options["limit"]

    def everything(self, findings: Findings) -> None:
        """Write the first findings of each kind, and how many there are."""
        counts = findings.counts()
        groups = findings.survey.count_groups()
        if groups:
            self._heading("Duplicates, of which none is adopted", findings.survey.count_shared(), groups)
            self._lines((self._group(each, findings) for each in findings.survey.groups()), groups)
        for reason, heading in HEADINGS.items():
            if reason in counts:
                self._heading(heading, counts[reason])
                self._lines(map(self._line, findings.of(reason)), counts[reason])
        for line in unread(findings.unread):
            self._write(line)
        if not lookalikes.is_available():
            self._write("Look-alikes were not compared: that takes the extra named confusables.")
        left_out = ", ".join(f"{counts.get(reason, 0)} {reason.value}" for reason in NO_DECISION)
        self._write(f"{findings.ready} can be adopted. Left out anyway: {left_out}. Nothing was changed.")

    def _heading(self, heading: str, users: int, contacts: int = 0) -> None:
        of = f"{contacts} {'contact' if contacts == 1 else 'contacts'} of " if contacts else ""
        self._write(f"{heading}: {of}{users} {'user' if users == 1 else 'users'}")

    def _lines(self, lines: Iterable[str], total: int) -> None:
        for line in islice(lines, self._limit):
            self._write(f"  {line}")
        if total > self._limit:
            self._write(f"  ... and {total - self._limit} more; --format json lists them all")

    def _group(self, group: Group, findings: Findings) -> str:
        holders = islice(findings.survey.holders(group.kind, group.value), USERS_IN_A_LINE)
        users = ", ".join(f"{user} ({shown(text, whole=True)})" if self._whole else user for user, text in holders)
        more = f" and {group.people - USERS_IN_A_LINE} more" if group.people > USERS_IN_A_LINE else ""
        contact = f"{NOUNS[group.kind]} {shown(group.value, whole=self._whole)}"
        return f"{contact}: users {users}{more}; {ALIKE[group.likeness]}"

    def _line(self, each: Finding) -> str:
        contact = f" {shown(each.contact, whole=self._whole)}" if each.contact else ""
        left_out = "" if each.skipped else " (is adopted all the same: it is a mailbox of its own)"
        why = said(each.reason, each.kind, other=each.other, detail=each.detail)
        return f"user {each.user}{contact}: {why}{left_out}"
