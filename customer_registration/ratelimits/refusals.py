"""Count the requests that were answered 429, by rule and day, in the limiter's own store.

A refusal must cost next to nothing, or refusing would be the attack: one increment beside the hits that came before it,
no statement, and as many keys as there are rules, whoever asks.
"""

from contextlib import suppress
from datetime import date

from django.utils import timezone

from customer_registration import signals
from customer_registration.exceptions import LimiterUnavailable, Throttled
from customer_registration.local_time import local
from customer_registration.ratelimits.engine import Counter, hourly
from customer_registration.ratelimits.rules import DEFAULT_RULES

REFUSING = (*DEFAULT_RULES, "resend", "busy")
DAYS = 8  # how long a store keeps what nobody has come for


def note(rule: str) -> None:
    """Count a request that is refused now, and tell of it."""
    day = local(timezone.now(), timezone.get_default_timezone()).date()
    with suppress(LimiterUnavailable):
        counter(rule, day).hit()
    signals.request_refused.send_robust(Throttled, rule=rule)


def counter(rule: str, day: date) -> Counter:
    """Return the counter of a rule's refusals on a day."""
    return hourly(1, "refused", rule, day.isoformat(), hours=24 * DAYS)
