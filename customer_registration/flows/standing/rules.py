"""The rules of the rate limits, and the wrong codes that a person has left."""

from collections.abc import Iterator
from datetime import datetime

from customer_registration import ratelimits
from customer_registration.actors import STAFF, other_types
from customer_registration.enums import Purpose
from customer_registration.flows import challenges
from customer_registration.flows.passwordless import open_codes, two_step
from customer_registration.flows.passwordless.open_codes import Address
from customer_registration.flows.second_factor import proofs
from customer_registration.flows.standing.lines import Line, ends, of_counter
from customer_registration.flows.standing.person import Person
from customer_registration.identifiers import mask
from customer_registration.ratelimits import Counter, GuessBudget
from customer_registration.ratelimits.guesses import FAMILIES
from customer_registration.ratelimits.rules import DEFAULT_RULES

GUESSES = "code_failed"  # counted by `GuessBudget`, and by no address
OF_CONTACTS = (
    ("login_failed", "{}", "wrong passwords for {}"),
    ("code_send", "{}", "codes and notices to {}"),
    ("code_send", f"{Purpose.TWO_STEP_LOGIN.value}:{{}}", "codes of a two-step login to {}"),
    ("code_send", f"{Purpose.SECOND_FACTOR.value}:{{}}", "codes of a second factor to {}"),
    ("password_reset", "{}", "password resets for {}"),
    ("account_deletion", "{}", "codes to keep the account of {}"),
    ("login_failed", f"{STAFF}:{{}}", f"wrong passwords for {{}} as {STAFF}"),
)
OF_IDS = (
    ("code_send", "{}", "codes to a contact that {} does not have"),
    ("code_send", "{}:second_factor", "notices of a second factor to {}"),
    ("contact_change", "{}", "codes to a new contact of {}"),
    ("password_reset", "{}", "notices of a new password to {}"),
    ("account_deletion", "{}", "codes to delete the account of {}"),
)


def limits(person: Person, *, ip: str | None, now: datetime) -> Iterator[Line]:
    """Yield how far each limit of each rule is used up.

    Args:
        person: whom the rules count.
        ip: an address or network as limits count it; without one those by address are left out.
        now: the time to look at.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    if ip is not None:
        for rule in DEFAULT_RULES:
            if rule != GUESSES:
                yield from _of(rule, f"from {ip}", ip=ip, key=None, now=now)
    for contact in person.contacts:
        by_code = [("code_send", f"{actor}:{{}}", f"codes to {{}} as {actor}") for actor in other_types()]
        for rule, key, whose in (*OF_CONTACTS, *by_code):
            named = whose.format(mask(contact.value))
            yield from _of(rule, named, ip=ip, key=key.format(contact.value), now=now)
    if person.id:
        for rule, key, whose in OF_IDS:
            yield from _of(rule, whose.format(person.id), ip=ip, key=key.format(person.id), now=now)


def _of(rule: str, whose: str, *, ip: str | None, key: str | None, now: datetime) -> Iterator[Line]:
    for limit, counter in ratelimits.counters_of(rule, ip=ip, key=key):
        if key is not None and limit.scope == "ip":
            continue  # told of the address
        if limit.scope == "key+ip" and ip is None:
            continue
        named = f"{whose} from {ip}" if limit.scope == "key+ip" else whose
        yield of_counter(f"{rule} {limit}", named, counter, limit=limit.item.amount, now=now)


def guesses(person: Person, *, now: datetime) -> Iterator[Line]:
    """Yield how many wrong codes are counted against a person, by family and limit.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    for contact in person.contacts:
        counted_as = challenges.person_of(contact.value, person.id)
        for family in (*FAMILIES, two_step.FAMILY):
            whose = f"wrong codes, {family}, to {mask(contact.value)}"
            yield from _of_budget(GuessBudget(family, counted_as), whose, now=now)
        for actor in other_types():
            budget = GuessBudget(open_codes.FAMILY, Address(actor, contact).person)
            whose = f"wrong codes, {open_codes.FAMILY}, to {mask(contact.value)} as {actor}"
            yield from _of_budget(budget, whose, now=now)
    if person.id:
        yield from _of_budget(proofs.budget_of(person.id), f"wrong second factors of {person.id}", now=now)
        if person.customer is None:
            budget = GuessBudget(FAMILIES[0], challenges.person_of("", person.id))
            yield from _of_budget(budget, f"wrong codes, {FAMILIES[0]}, for {person.id}", now=now)


def _of_budget(budget: GuessBudget, whose: str, *, now: datetime) -> Iterator[Line]:
    """Yield a line for each limit. Past the burst one guess a window is left, so that alone refuses nothing yet."""
    burst, trickle = [*budget.counters, None, None][:2]
    for limit, counter in zip(budget.limits, budget.counters, strict=True):
        line = of_counter(f"{GUESSES} {limit}", whose, counter, limit=limit.item.amount, now=now)
        if counter is burst and line.refuses and trickle is not None:
            yield _held_by_both(line, trickle, now=now)
        elif counter is trickle:
            yield Line(line.what, line.whose, line.used, line.limit, line.until)
        else:
            yield line


def _held_by_both(line: Line, trickle: Counter, *, now: datetime) -> Line:
    if not trickle.is_used_up():
        return Line(line.what, line.whose, line.used, line.limit, line.until)
    opens = min(filter(None, (line.until, ends(trickle, now=now))))
    return Line(line.what, line.whose, line.used, line.limit, opens, refuses=True)
