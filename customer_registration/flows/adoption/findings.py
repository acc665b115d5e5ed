"""What a look through the users has found, beside the survey on the disk: there may be as many findings as users."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption.outcomes import Reason
from customer_registration.flows.adoption.survey import Survey


class Note(StrEnum):
    """What is worth a look, beside the reasons for which users are left out."""

    RESEMBLES = "resembles"  # an address looks like another user's or a customer's
    MIXED = "mixed_scripts"  # a domain mixes Latin letters with others that look like them


NO_DECISION = (Reason.STAFF, Reason.INACTIVE)  # left out by a rule that everybody knows beforehand


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one user.

    Args:
        reason: why they are left out, or what is worth a look.
        user: their primary key.
        kind: of the contact that it is about.
        contact: as in the user's row.
        other: the customer who has it, or the user or customer whom it resembles.
        detail: what is wrong with it.
        skipped: whether `adopt_users` leaves the user out.
    """

    reason: Reason | Note
    user: str
    kind: IdentifierKind | None = None
    contact: str = ""
    other: str = ""
    detail: str = ""
    skipped: bool = True


class Findings:
    """The findings of one look, by reason; several users with one contact are the survey's groups."""

    def __init__(self, survey: Survey) -> None:
        self.survey, self.ready = survey, 0
        self.unread: Counter[str] = Counter()  # of those who are ready, by what hashed their passwords
        survey.db.execute(
            "CREATE TABLE finding (reason TEXT, person TEXT, kind TEXT, contact TEXT, other TEXT, detail TEXT,"
            " skipped INTEGER)"
        )
        survey.db.execute("CREATE INDEX by_reason ON finding (reason)")

    def add(self, findings: Iterable[Finding]) -> None:
        """Note some findings."""
        rows = ((f.reason, f.user, f.kind, f.contact, f.other, f.detail, f.skipped) for f in findings)
        self.survey.db.execute("BEGIN")
        self.survey.db.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self.survey.db.execute("COMMIT")

    def counts(self) -> dict[str, int]:
        """Return how many users each reason is about."""
        return dict(self.survey.db.execute("SELECT reason, count(*) FROM finding GROUP BY reason ORDER BY reason"))

    def need_a_decision(self) -> bool:
        """Whether somebody has to decide: who is left out is neither staff nor inactive, is worth a look, or is ready
        and could not log in."""
        return bool(self.unread) or any(reason not in NO_DECISION for reason in self.counts())

    def of(self, reason: Reason | Note) -> Iterator[Finding]:
        """Return the findings of a reason, in the order of the users."""
        rows = self.survey.db.execute("SELECT * FROM finding WHERE reason = ? ORDER BY rowid", (reason,))
        for _, user, kind, contact, other, detail, skipped in rows:
            yield Finding(
                reason=reason,
                user=user,
                kind=IdentifierKind(kind) if kind else None,
                contact=contact,
                other=other,
                detail=detail,
                skipped=bool(skipped),
            )
