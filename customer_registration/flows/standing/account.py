"""What of the account itself keeps somebody out, and the codes that are under way to them."""

from collections.abc import Iterator
from datetime import datetime

from customer_registration import keys
from customer_registration.actors import CUSTOMER, other_types
from customer_registration.flows import gates
from customer_registration.flows.passwordless.open_codes import Address
from customer_registration.flows.standing.lines import Line
from customer_registration.flows.standing.person import Person
from customer_registration.identifiers import mask
from customer_registration.models import OtpVerification

MAX_CODES = 50


def gates_of(person: Person) -> Iterator[Line]:
    """Yield the gates that are closed before a customer's login."""
    customer = person.customer
    if customer is None:
        return
    if not customer.is_active:
        yield Line("login", "the user is deactivated", refuses=True)
    if customer.is_staff:
        yield Line("reset, login by code, deletion", "the user is staff, who are not customers", refuses=True)
    if customer.deletion_scheduled_at is not None:
        until = customer.deletion_scheduled_at
        yield Line("login", "the account is to be erased then, unless the person keeps it", until=until, refuses=True)
    if not customer.is_registered:
        yield Line("login", "signed up, and no customer yet")
    if unverified := gates.unverified(customer, None):
        yield Line("login", f"no contact is proven, {unverified.value} is asked for", refuses=True)
    for contact in person.contacts:
        ends = customer.claim_expires_at
        if ends is not None and not customer.has_verified(contact.kind):
            yield Line("claim", f"{mask(contact.value)} is unproven, and may be somebody else's after that", until=ends)


def codes(person: Person, *, now: datetime) -> Iterator[Line]:
    """Yield the codes that may still be brought, and how many guesses each has had."""
    for row in _live(person, now=now):
        used = max(row.attempts, row.attempts_open)
        whose = f"wrong codes entered, sent to {mask(row.destination)}" if row.destination else "nothing was sent"
        is_dead = used >= row.max_attempts
        yield Line(f"code, {row.purpose}", whose, used, row.max_attempts, until=row.expires_at, refuses=is_dead)


def _live(person: Person, *, now: datetime) -> list[OtpVerification]:
    hashes: list[str] = []
    for contact in person.contacts:
        for actor in (CUSTOMER, *other_types()):
            hashes += Address(actor, contact).subjects
    if person.id:
        hashes += keys.keyed_hashes("verification.subject", person.id)
    found = {row.pk: row for row in OtpVerification.objects.live(now).filter(subject__in=hashes)[:MAX_CODES]}
    if person.customer is not None:
        own = OtpVerification.objects.live(now).filter(customer=person.customer)[:MAX_CODES]
        found |= {row.pk: row for row in own}
    return sorted(found.values(), key=lambda row: row.pk)
