"""Look through the users' contacts for whatever somebody has to decide before customers are made of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice

from customer_registration.enums import IdentifierKind
from customer_registration.flows.adoption import lookalikes
from customer_registration.flows.adoption.adopting import Adoption, Result
from customer_registration.flows.adoption.findings import Finding, Findings, Note
from customer_registration.flows.adoption.people import Reader
from customer_registration.flows.adoption.standing import customers
from customer_registration.flows.adoption.survey import Survey

LOOKED_UP_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at all users; nothing is written.

    Args:
        reader: of the users.
        tell: is called after each page, in either pass, with the number of users that were read.
    """

    reader: Reader
    tell: Callable[[int], None] = field(default=lambda read: None)

    @contextmanager
    def look(self) -> Iterator[Findings]:
        """Look at everybody, and yield what was found, which is there as long as the context is."""
        adoption = Adoption(reader=self.reader, dry_run=True, tell=self.tell)
        with closing(Survey()) as survey:
            adoption.look_at_everybody(survey)
            findings = Findings(survey)
            for results in _chunks(adoption.take_in(survey)):
                findings.add(_finding(each) for each in results if each.hindrance)
                findings.add(_lookalikes(results, survey))
                ready = [each.person for each in results if each.hindrance is None]
                findings.ready += len(ready)
                findings.unread.update(person.unread for person in ready if person.unread)
            yield findings


def _chunks(results: Iterator[Result]) -> Iterator[Sequence[Result]]:
    while some := list(islice(results, LOOKED_UP_AT_ONCE)):
        yield some


def _finding(result: Result) -> Finding:
    hindrance = result.hindrance
    assert hindrance is not None  # noqa: S101  # nosec B101  # whoever asks has looked
    text = result.contacts[hindrance.kind].text if hindrance.kind in result.contacts else ""
    return Finding(
        reason=hindrance.reason,
        user=str(result.person.key),
        kind=hindrance.kind,
        contact=text,
        other=hindrance.holder,
        detail=hindrance.detail,
    )


def _lookalikes(results: Sequence[Result], survey: Survey) -> Iterable[Finding]:
    """Return whose address looks like that of another user or of a customer, or mixes scripts."""
    suspects = [
        (result, each.text, lookalikes.plain_spellings(each.text))
        for result in results
        if not result.person.left_out
        for kind, each in result.contacts.items()
        if kind == IdentifierKind.EMAIL and not lookalikes.shown_as(each.text).isascii()
    ]
    if not suspects:
        return
    spellings = {spelling for _, _, some in suspects for spelling in some}
    held = dict(customers().filter(email__in=spellings).values_list("email", "pk"))
    for result, text, some in suspects:
        # None of them is their own: theirs is no contact, or its domain is in punycode.
        holders = (survey.holders(IdentifierKind.EMAIL, each) for each in sorted(some))
        twins = [f"user {user}" for those in holders for user, _ in islice(those, 1)]
        twins += [f"customer {held[each]}" for each in sorted(some) if each in held]
        mixed = lookalikes.mixes_scripts(text)
        if twins or mixed:
            yield Finding(
                reason=Note.RESEMBLES if twins else Note.MIXED,
                user=str(result.person.key),
                kind=IdentifierKind.EMAIL,
                contact=text,
                other=twins[0] if twins else "",
                skipped=result.hindrance is not None,
            )
