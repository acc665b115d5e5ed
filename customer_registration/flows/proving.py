"""The second half of the road of every one-time code: spend a guess, compare, consume."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from django.db import DatabaseError, OperationalError, transaction

from customer_registration.exceptions import (
    CodeAttemptsExceeded,
    CodeExpired,
    CustomerRegistrationError,
    InvalidCode,
    LimiterUnavailable,
    Throttled,
)
from customer_registration.flows.proven import WRONG, bring_about, tell_of_try
from customer_registration.models import OtpVerification
from customer_registration.models.integrity import lost_race, retrying
from customer_registration.models.lookups import otp_by_id
from customer_registration.ratelimits import GuessBudget

Result = TypeVar("Result")


def prove(
    row_id: str,
    *,
    typed: str,
    family: str,
    person: str,
    effect: Callable[[OtpVerification], Result],
    now: datetime,
    wrong: Callable[[OtpVerification], None] = lambda row: None,
) -> Result:
    """Spend a guess at a code, compare, and on a match consume it together with its effect.

    Args:
        row_id: from the flow token.
        typed: the code as typed.
        family: the purposes that share a budget of wrong codes.
        person: whose budget, as `challenges.person_of` names them.
        effect: what the proof changes; runs in the transaction that consumes the code, and undoes it by raising.
        now: the time of the flow.
        wrong: is told of a code that was wrong, a decoy's too.

    Raises:
        InvalidCode: wrong, used or superseded; ``attempts_remaining`` says how many guesses are left.
        CodeExpired: its time is over.
        CodeAttemptsExceeded: it, or the person's family of codes, has had all its guesses.
        Throttled: the code is right, and its effect has to wait for somebody else; no guess is counted.
        LimiterUnavailable: the limiter's store is down.
    """
    budget = GuessBudget(family, person)
    guess = budget.spend()
    try:
        counted = retrying(lambda: OtpVerification.objects.spend_attempt(row_id, now=now))
    except DatabaseError:
        guess.give_back()  # nothing was compared
        raise
    if not counted:
        guess.give_back()
        raise _why_closed(OtpVerification.objects.filter(pk=row_id).first())
    row = otp_by_id.first(row_id)
    if row is None:  # deleted this very moment
        raise CodeExpired
    if not row.matches_code(typed):
        wrong(row)
        tell_of_try(row, WRONG)
        raise InvalidCode(attempts_remaining=row.attempts_remaining)
    try:
        result = consume(row, effect, now=now)
    except Throttled:
        retrying(lambda: OtpVerification.objects.give_attempt_back(row_id))
        with suppress(LimiterUnavailable):
            guess.give_back()
        raise
    with suppress(LimiterUnavailable):  # the proof has been committed
        budget.clear()
    return result


def consume(row: OtpVerification, effect: Callable[[OtpVerification], Result], *, now: datetime) -> Result:
    """Use a proven secret up and run its effect, both or neither.

    Raises:
        InvalidCode: it was used already, by a transaction that won the race included.
    """
    try:
        with transaction.atomic():
            if not OtpVerification.objects.consume(row.pk, now=now):
                raise InvalidCode(attempts_remaining=0)
            return bring_about(effect, row)
    except OperationalError as error:
        if lost_race(error):
            raise InvalidCode(attempts_remaining=0) from error
        raise


def _why_closed(row: OtpVerification | None) -> CustomerRegistrationError:
    if row is None or (row.consumed_at is None and row.attempts_remaining):
        return CodeExpired()
    return CodeAttemptsExceeded() if row.consumed_at is None else InvalidCode(attempts_remaining=0)
