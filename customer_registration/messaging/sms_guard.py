"""What stands between a text message and its price: countries, budgets, and a brake on what nobody proves (attack C15).

Whoever earns on a range of numbers has a shop text it, thousands of times ("SMS pumping"). The guard stands at the
delivery, behind every request, so nobody can tell by an answer what was sent. It counts messages to phone numbers on
any channel, for a call or a chat message to a rented number is paid as well.

Countries and prefixes are what providers go by too: AWS End User Messaging blocks by country, Twilio's Fraud Guard a
prefix for twelve hours, Vonage's system by volume and conversion together.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from customer_registration import signals
from customer_registration.conf import SmsGuard, config
from customer_registration.enums import Outcome, Purpose
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.identifiers import is_number, phone_prefix, why_not_texted
from customer_registration.models import OutboxMessage
from customer_registration.ratelimits import Counter, Hits, hourly

logger = logging.getLogger(__name__)

ALARM_PERCENT = 80
# Conversion is judged over the window that is running and the one before it.
WINDOW = timedelta(hours=6)
# A prefix is judged once so many of its codes have had time to be typed in. By fewer, chance would judge: where three
# of five people bring the code back, one prefix in a hundred shows none among five. More would let a wide attack pass:
# 2,000 numbers of 300 prefixes are seven each.
SAMPLE = 5
SETTLING = timedelta(minutes=5)  # codes sent in these and the minutes before, which are begun, may still come back
TRICKLE_HOURS = 1  # past the brake one message an hour passes a prefix, and one more for each code that is proven


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message may not go out, without contact, and in how many seconds that may have changed, if it may."""

    outcome: Outcome
    reason: str
    seconds: int | None = None


class Refused(Exception):
    """Carries a `Refusal` out of what has counted already."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def admit(message: OutboxMessage, *, now: datetime) -> Refusal | None:
    """Count a message that is about to be handed over for the first time; return why not, if it may not.

    Race: any number of workers at one budget. Each counts before it looks, atomically, so no more pass than the budget
    has; who is refused gives back what it has counted, and leaves the budgets to others.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    number, chosen = message.destination, config().sms_guard
    if not is_number(number):
        return None  # an e-mail address
    if reason := why_not_texted(number, number_types=chosen.number_types, countries=chosen.countries):
        return Refusal(Outcome.HELD_NUMBER, reason)
    prefix = phone_prefix(number)
    try:
        with _all_or_nothing() as counted:
            if not _reaches_an_owner(message) and _is_braked(prefix, chosen, now=now):
                reason = f"too few codes to {prefix} are proven"
                trickle = hourly(1, "sms_trickle", prefix, hours=TRICKLE_HOURS)
                _take(trickle, Outcome.HELD_CONVERSION, reason, counted)
            # The narrow budget first, so that what it refuses uses nothing of the wide one.
            alarms = [_spend(chosen.prefix_hourly_budget, prefix, counted), _spend(chosen.hourly_budget, None, counted)]
    except Refused as refused:
        return refused.refusal
    with suppress(LimiterUnavailable):  # the message has been counted, and goes out
        for alarm in filter(None, alarms):
            alarm.sound()
    return None


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget as it stands for a number, or why none goes out to it at all.

    Args:
        what: which budget, or why not.
        amount: how many messages it has; ``None`` where nothing is counted.
        counter: of the messages.
    """

    what: str
    amount: int | None = None
    counter: Counter | None = None


def standing(number: str, *, now: datetime) -> Iterator[Standing]:
    """Yield what `admit` would ask of a code to a number, in its order; counts nothing.

    Args:
        number: in E.164.
        now: the time to look at.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    chosen, prefix = config().sms_guard, phone_prefix(number)
    if reason := why_not_texted(number, number_types=chosen.number_types, countries=chosen.countries):
        yield Standing(reason)
    if _is_braked(prefix, chosen, now=now):
        trickle = hourly(1, "sms_trickle", prefix, hours=TRICKLE_HOURS)
        yield Standing(f"too few codes to {prefix} are proven", 1, trickle)
    for budget, what, part in (
        (chosen.prefix_hourly_budget, f"the hourly budget of {prefix}", prefix),
        (chosen.hourly_budget, "the hourly budget of all", "all"),
    ):
        if budget is not None:
            yield Standing(what, budget, hourly(budget, "sms_budget", part))


def note_sent(message: OutboxMessage, *, now: datetime) -> None:
    """Count a code that a provider has taken, as one that somebody may bring back.

    Not before: a provider that is down for an hour would shut every prefix for half a day, for codes that nobody got.
    """
    number = message.destination
    if not is_number(number) or config().sms_guard.min_conversion is None or not _wants_proof(message):
        return
    prefix = phone_prefix(number)
    with suppress(LimiterUnavailable):  # the message has gone out
        for counter in (_tally("sms_sent", prefix, now), _recent(prefix, now)):
            counter.hit()


def note_proof(destination: str) -> None:
    """Count a code that was proven, once the caller's transaction has committed; one to an e-mail address is nothing.

    Call it where a code is used up, which happens once.
    """
    if is_number(destination) and config().sms_guard.min_conversion is not None:
        transaction.on_commit(partial(_count_proof, phone_prefix(destination)), robust=True)


@dataclass(frozen=True, slots=True)
class _Alarm:
    """A budget that is used so far."""

    counter: Counter
    percent: int
    budget: int
    prefix: str | None

    def sound(self) -> None:
        """Tell the project, once in the budget's window."""
        if self.counter.first_to(f"alarm {self.percent}"):
            where = f"to {self.prefix}" if self.prefix else "in all"
            about = {"event": "sms_budget_reached", "percent": self.percent, "budget": self.budget}
            text = "%s %% of the %s text messages an hour %s are sent"
            logger.warning(text, self.percent, self.budget, where, extra=about)
            told = {"prefix": self.prefix, "percent": self.percent, "budget": self.budget}
            signals.sms_budget_reached.send_robust(OutboxMessage, **told)


@contextmanager
def _all_or_nothing() -> Iterator[list[Counter]]:
    counted: list[Counter] = []
    try:
        yield counted
    except (Refused, LimiterUnavailable):
        with suppress(LimiterUnavailable):
            Hits(tuple(counted)).give_back()
        raise


def _take(counter: Counter, outcome: Outcome, reason: str, counted: list[Counter]) -> int:
    """Count one; return how many are left.

    Raises:
        Refused: there was none left.
    """
    left = counter.hit()
    counted.append(counter)
    if left < 0:
        raise Refused(Refusal(outcome, reason, max(1, counter.retry_after())))
    return left


def _spend(budget: int | None, prefix: str | None, counted: list[Counter]) -> _Alarm | None:
    """Count one message on a budget; return the alarm that is due at its state."""
    if budget is None:
        return None
    counter = hourly(budget, "sms_budget", prefix or "all")
    reason = f"the hourly budget {f'of {prefix}' if prefix else 'of all'} is used up"
    used = budget - _take(counter, Outcome.HELD_BUDGET, reason, counted)
    if used * 100 < budget * ALARM_PERCENT:
        return None
    return _Alarm(counter, 100 if used == budget else ALARM_PERCENT, budget, prefix)


def _reaches_an_owner(message: OutboxMessage) -> bool:
    """Whether whom a message is for has proven the number, or had until the change that its link takes back.

    Of them the brake has nothing to find out. If it stood before them, five codes to a prefix that nobody asked for
    would shut out whoever logs in there by code; and one more each hour, as the trickle comes, would keep the owner of
    an account that is being stolen from hearing of it.
    """
    customer = message.customer
    proven = customer is not None and customer.phone == message.destination and customer.phone_verified_at is not None
    return proven or message.kind == Purpose.CONTACT_UNDO


def _is_braked(prefix: str, chosen: SmsGuard, *, now: datetime) -> bool:
    """Whether fewer of a prefix's codes come back than should; those of the last minutes are not held against it."""
    if chosen.min_conversion is None:
        return False
    windows = (now, now - WINDOW)
    sent = sum(_tally("sms_sent", prefix, moment).count() for moment in windows)
    settled = sent - sum(_recent(prefix, moment).count() for moment in (now, now - SETTLING))
    if settled < SAMPLE:
        return False
    proven = sum(_tally("sms_proven", prefix, moment).count() for moment in windows)
    return proven < settled * chosen.min_conversion


def _wants_proof(message: OutboxMessage) -> bool:
    """Whether a message carries what people bring back; an undo link is there for those who need none."""
    return message.otp_id is not None and message.kind != Purpose.CONTACT_UNDO


def _count_proof(prefix: str) -> None:
    from django.utils import timezone

    with suppress(LimiterUnavailable):  # the proof has been committed
        _tally("sms_proven", prefix, timezone.now()).hit()
        hourly(1, "sms_trickle", prefix, hours=TRICKLE_HOURS).clear()


def _tally(what: str, prefix: str, moment: datetime) -> Counter:
    """Return the counter of the window that ``moment`` lies in; windows go by the clock, so that both end together."""
    window = int(moment.timestamp() // WINDOW.total_seconds())
    return hourly(1, what, prefix, str(window), hours=2 * int(WINDOW.total_seconds() // 3600))


def _recent(prefix: str, moment: datetime) -> Counter:
    return hourly(1, "sms_recent", prefix, str(int(moment.timestamp() // SETTLING.total_seconds())))
