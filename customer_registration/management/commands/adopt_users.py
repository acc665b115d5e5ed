"""Make customers of the project's own users, who go on logging in with their passwords."""

import time
from collections import Counter
from typing import Any

from django.core.management.base import CommandError, CommandParser

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.adopting import Adoption, Result
from customer_registration.flows.adoption.findings import NO_DECISION
from customer_registration.flows.adoption.outcomes import Reason
from customer_registration.flows.gates import login_kinds
from customer_registration.management.progress import progress
from customer_registration.management.tables import migrated
from customer_registration.management.users import UsersCommand, room_on_the_disk, said, shown, unread

SHOWN = 20  # of each reason
BOTH = "both"


class Command(UsersCommand):
    """``manage.py adopt_users``, with ``--dry-run`` to see what it would do."""

    help = "Make a customer of every user who has none. Nobody is merged; who is left out is named."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and write nothing.")
        parser.add_argument(
            "--verified",
            nargs="?",
            const=BOTH,
            choices=[*IdentifierKind.values, BOTH],
            help="The shop has proven these contacts: e-mail addresses, phone numbers, or (without a value) both.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Adopt, and sum up."""
        reader = self.reader(options)
        proven = frozenset(kind for kind in IdentifierKind if options["verified"] in (kind.value, BOTH))
        self.stdout.write(self.introduction(reader))
        began = time.monotonic()
        adopted = unproven = 0
        left_out: Counter[Reason] = Counter()
        unread_hashes: Counter[str] = Counter()
        # Everybody is read twice.
        with migrated(), room_on_the_disk(), progress(self, 2 * reader.count(), unit="users", lines=20) as advance:
            adoption = Adoption(reader=reader, proven=proven, dry_run=options["dry_run"], tell=advance)
            for result in adoption.results():
                if result.hindrance is None:
                    adopted += 1
                    unread_hashes.update(filter(None, [result.person.unread]))
                    unproven += not proven.intersection(result.contacts, login_kinds())
                else:
                    left_out[result.hindrance.reason] += 1
                    self._tell(result, nth=left_out[result.hindrance.reason])
        self._sum_up(adopted, left_out, seconds=time.monotonic() - began, dry_run=options["dry_run"])
        if unproven and config().registration.require_verification:
            self._say_what_unproven_means(unproven)
        for line in unread(unread_hashes):
            self.stderr.write(line)
        if refused := left_out[Reason.REFUSED]:
            raise CommandError(f"The database refused {refused}, which somebody has to look into.")

    def _tell(self, result: Result, *, nth: int) -> None:
        hindrance = result.hindrance
        if hindrance is None or hindrance.reason in NO_DECISION or nth > SHOWN + 1:
            return
        self.stdout.flush()  # a log that takes both keeps them in order
        if nth > SHOWN:
            self.stderr.write(f"... more of these: {hindrance.reason.value}; check_contacts lists them all")
            return
        contacts = [each for kind, each in result.contacts.items() if hindrance.kind in (None, kind)]
        named = f" ({', '.join(shown(each.text) for each in contacts)})" if contacts else ""
        why = said(hindrance.reason, hindrance.kind, other=hindrance.holder, detail=hindrance.detail)
        self.stderr.write(f"user {result.person.key}{named}: {why}")

    def _sum_up(self, adopted: int, left_out: "Counter[Reason]", *, seconds: float, dry_run: bool) -> None:
        rate = f", {adopted / seconds:.0f} a second" if adopted and seconds else ""
        done = "would be adopted" if dry_run else "adopted"
        self.stdout.write(f"{adopted} {done}, {left_out.total()} left out in {seconds:.2f} s{rate}.")
        for reason, users in sorted(left_out.items()):
            self.stdout.write(f"  {users:>9} {reason.value}")
        if dry_run:
            self.stdout.write("Nothing was changed.")

    def _say_what_unproven_means(self, unproven: int) -> None:
        self.stdout.write(
            f"{unproven} have no proven contact to log in with. REQUIRE_VERIFICATION is on, so with the right password"
            " they are asked for a code, which is sent to them, before they are in."
            " --verified marks as proven what the shop has proven before."
        )
        if config().conceals_accounts:
            self.stdout.write(
                'EXISTING_ACCOUNT is "conceal", so until they are proven a password does not let them in:'
                " they come by a code, or by a new password through the mailed link."
            )
