"""All that stands in somebody's way, or will: what support is asked for when a person gets no code and no login."""

from datetime import datetime

from customer_registration.conf import config
from customer_registration.flows.standing import account, rules, sends
from customer_registration.flows.standing.lines import Line
from customer_registration.flows.standing.person import Person


def explain(person: Person, *, ip: str | None, now: datetime) -> dict[str, list[Line]]:
    """Return what is counted against a person, by heading. Counts and writes nothing.

    Args:
        person: as `person.named` returns them.
        ip: the address or network they come from, as `ratelimits.network_of` spells it; without one the limits by
            address are left out.
        now: the time to look at.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    enabled = config().rate_limits.enabled
    return {
        "Account": list(account.gates_of(person)),
        "Rate limits": list(rules.limits(person, ip=ip, now=now)) if enabled else [],
        "Wrong codes": list(rules.guesses(person, now=now)) if enabled else [],
        "Resend throttles": list(sends.throttles(person, now=now)),
        "Text messages": list(sends.text_messages(person, now=now)),
        "Codes under way": list(account.codes(person, now=now)),
    }
