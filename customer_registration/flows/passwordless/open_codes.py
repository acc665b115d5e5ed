"""Codes that anybody may ask for and try by naming an identifier: known and unknown people cost and answer the same.

Flows live side by side, so a stranger's can neither kill nor wear out the code that its owner holds. Whoever has the
flow token guesses on one counter of the row, whoever names the identifier alone on another, at the newest code only.
The family's cap stands above both.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F, QuerySet

from customer_registration import keys, ratelimits, signals
from customer_registration.actors import CUSTOMER
from customer_registration.conf import config
from customer_registration.enums import Purpose
from customer_registration.exceptions import Duplicate, InvalidOtp, InvalidToken, LimiterUnavailable
from customer_registration.flows import challenges, reviewers
from customer_registration.flows.client import Client
from customer_registration.flows.proven import WRONG, bring_about, tell_of_try
from customer_registration.flows.verification import channel_of, options
from customer_registration.identifiers import Identifier, mask
from customer_registration.models import Customer, OtpVerification
from customer_registration.models.integrity import lost_race, retrying
from customer_registration.models.otp_verification import ATTEMPTS, ATTEMPTS_OPEN
from customer_registration.ratelimits import GuessBudget, Hits
from customer_registration.tokens import CodeToken

FAMILY = "code_login"
GRANT = timedelta(seconds=60)  # how long a code that has registered somebody logs them in, once

Result = TypeVar("Result")
_SIGNALS = {
    Purpose.CODE_LOGIN: signals.otp_generated,
    Purpose.CODE_REGISTRATION: signals.pre_register_otp_generated,
}


@dataclass(frozen=True, slots=True)
class Address:
    """Whom a code is for: an actor type, and an identifier that may be nobody's."""

    actor: str
    identifier: Identifier

    @property
    def subjects(self) -> list[str]:
        """The keyed hashes that the address's codes are found by: a code for one actor type is none for another.

        Under each secret that still verifies, so that codes survive a rotation; new ones go by the first.
        """
        return keys.keyed_hashes("codes.subject", f"{self.actor}:{self.identifier.value}")

    @property
    def person(self) -> str:
        """Whose budget of wrong codes a guess spends. A right password clears that of a customer's identifier."""
        return challenges.person_of(self.recipient, "")

    @property
    def recipient(self) -> str:
        """Who is counted: an identifier of other actors is no customer's, so that neither uses up the other's."""
        return self.identifier.value if self.actor == CUSTOMER else f"{self.actor}:{self.identifier.value}"


@dataclass(frozen=True, slots=True)
class Brought:
    """What a request brings back: the code as typed, and the flow token if the client has kept it."""

    address: Address
    typed: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A code that was right, and is to be used."""

    row: OtpVerification
    counter: str
    budget: GuessBudget
    guess: Hits

    def give_back(self) -> None:
        """Take the guess back: it was right, and what it should bring about is not to be."""
        retrying(lambda: OtpVerification.objects.give_attempt_back(self.row.pk, counter=self.counter))
        with suppress(LimiterUnavailable):
            self.guess.give_back()


def send(
    address: Address,
    purpose: Purpose,
    *,
    reachable: bool,
    client: Client,
    now: datetime,
    customer: Customer | None = None,
    payload: dict[str, Any] | None = None,
) -> str:
    """Send a code to the identifier, or seem to; return the flow token.

    Args:
        address: who is named.
        purpose: what the code will prove.
        reachable: whether there is anybody who may have it.
        client: who asks.
        now: the time of the flow.
        customer: whose it is.
        payload: kept with the row.

    Raises:
        ChannelUnavailable: nothing can be sent to this kind of contact.
        Throttled: inside the resend throttle, or past a sending limit, alike for everybody.
        LimiterUnavailable: the limiter's store is down.
    """
    identifier, chosen = address.identifier, config()
    if address.actor == CUSTOMER and reachable:
        payload = reviewers.marked(payload, purpose, identifier, customer, now=now)
    two_step = purpose == Purpose.TWO_STEP_LOGIN
    delivered = chosen.passwordless.send or two_step
    throttle = chosen.two_step_login if two_step else options(identifier.kind)
    dispatch = challenges.Dispatch(
        purpose=purpose,
        slot=f"{purpose.value}.{address.actor}",
        channel=channel_of(identifier.kind) if delivered else options(identifier.kind).channel,
        throttle=timedelta(seconds=throttle.resend_throttle_seconds),
        # Apart where a password was shown first: strangers must not use up what its owner has.
        limits={"code_send": f"{purpose.value}:{address.recipient}" if two_step else address.recipient},
        lifetime=timedelta(seconds=(chosen.two_step_login if two_step else chosen.passwordless).ttl_seconds),
        payload=payload,
        subject=address.subjects[0],
        delivered=delivered,
    )
    row = challenges.issue(
        dispatch,
        asked_for=identifier.value,
        customer=customer if reachable else None,
        destination=identifier if reachable else None,
        client=client,
        now=now,
    )
    if reachable and purpose in _SIGNALS and not row.is_fixed:
        _announce(address, row)
    return CodeToken(row_id=row.pk, purpose=purpose, person=address.person).sign(now=now, expires_at=row.expires_at)


def refuse_openly(address: Address, *, client: Client) -> None:
    """Count a refusal where ``PASSWORDLESS.CONCEAL`` is off as the sending that it stands for, so that it tells slowly.

    Raises:
        Throttled: past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    ratelimits.hit("code_send", ip=client.ip, key=address.recipient)


def sent_for(purpose: Purpose, *, now: datetime) -> "QuerySet[OtpVerification]":
    """Return the live codes of a purpose."""
    return OtpVerification.objects.live(now).filter(purpose=purpose)


def that_log_in(*, now: datetime) -> "QuerySet[OtpVerification]":
    """Return the live codes to log in with, and those that have just registered somebody."""
    return sent_for(Purpose.CODE_LOGIN, now=now) | OtpVerification.objects.granted(now)


def match_registration(brought: Brought, rows: "QuerySet[OtpVerification]", *, client: Client, now: datetime) -> Match:
    """Return the code to register with that is right, as `match`, counted as a registration from the client's address.

    Raises:
        InvalidOtp, CodeAttemptsExceeded, LimiterUnavailable: as `match`.
        Throttled: too many registrations, or codes tried, from this address.
    """
    ratelimits.hit("login", ip=client.ip)  # a code is tried, as at a login
    hits = ratelimits.hit("register", ip=client.ip)
    try:
        return match(brought, rows, purposes=(Purpose.CODE_REGISTRATION,), now=now)
    except InvalidOtp:
        hits.give_back()  # guesses have a cap of their own
        raise


def match(
    brought: Brought,
    rows: "QuerySet[OtpVerification]",
    *,
    purposes: Iterable[Purpose],
    now: datetime,
    family: str = FAMILY,
) -> Match:
    """Spend a guess and compare; return the code that is right, still to be used.

    Args:
        brought: what the request brings.
        rows: those that may be meant; of each purpose the newest is, unless a flow token names one.
        purposes: what the codes may have been made for.
        now: the time of the flow.
        family: the purposes that share a budget of wrong codes.

    Raises:
        InvalidOtp: wrong, expired, used, unknown: one answer.
        CodeAttemptsExceeded: the person's family of codes has had all its guesses.
        LimiterUnavailable: the limiter's store is down.
    """
    budget = GuessBudget(family, brought.address.person)
    guess = budget.spend()
    counter = ATTEMPTS_OPEN if brought.token is None else ATTEMPTS
    compared = False
    try:
        # One UPDATE even where there is nothing to compare: people who do not exist cost the same statements.
        for row in _meant(brought, rows, purposes) or [OtpVerification(pk="")]:
            if not _spend(row, counter, now=now):
                continue
            compared = True
            if row.matches_code(brought.typed):
                return Match(row, counter, budget, guess)
            tell_of_try(row, WRONG)
    except DatabaseError:
        guess.give_back()  # nothing was compared
        raise
    if not compared:
        guess.give_back()
    raise InvalidOtp


def use(
    match: Match, effect: Callable[[OtpVerification], Result], *, now: datetime, consumed_by_effect: bool = False
) -> Result:
    """Use a code up together with its effect; both or neither.

    Args:
        match: the code.
        effect: what it brings about, in the transaction that uses it up, and undoes that by raising.
        now: the time of the flow.
        consumed_by_effect: the effect uses the code up itself, and makes sure that only one does.

    Raises:
        InvalidOtp: it was used already, by a transaction that won the race included.
        Duplicate: the effect found the identifier taken; the guess is not counted.
    """
    try:
        with transaction.atomic():
            if not consumed_by_effect and not _consume(match, now=now):
                raise InvalidOtp
            result = bring_about(effect, match.row)
    except Duplicate:
        match.give_back()
        raise
    except OperationalError as error:
        if lost_race(error):
            raise InvalidOtp from error
        raise
    with suppress(LimiterUnavailable):  # the proof has been committed
        match.budget.clear()
    return result


def _meant(brought: Brought, rows: "QuerySet[OtpVerification]", purposes: Iterable[Purpose]) -> list[OtpVerification]:
    own = rows.filter(subject__in=brought.address.subjects).select_related("customer__user").order_by("-pk")
    if brought.token is not None:
        try:
            named = CodeToken.read(brought.token, *purposes)
        except InvalidToken:
            own = own.none()
        else:
            own = own.filter(pk=named.row_id, purpose=named.purpose)
    newest: dict[str, OtpVerification] = {}
    for row in own:
        newest.setdefault(row.purpose, row)
    return list(newest.values())


def _spend(row: OtpVerification, counter: str, *, now: datetime) -> bool:
    return retrying(lambda: OtpVerification.objects.spend_attempt(row.pk, now=now, counter=counter))


def _consume(match: Match, *, now: datetime) -> bool:
    row, rows = match.row, OtpVerification.objects
    if row.grant_until is not None:
        return rows.use_grant(row.pk, now=now)
    if row.purpose == Purpose.CODE_REGISTRATION:
        # The guess that was right is not counted, or a code that registered at the last try could not log in.
        return rows.consume(row.pk, now=now, grant_until=now + GRANT, **{match.counter: F(match.counter) - 1})
    return rows.consume(row.pk, now=now)


def _announce(address: Address, row: OtpVerification) -> None:
    signals.send_on_commit(
        _SIGNALS[Purpose(row.purpose)],
        OtpVerification,
        actor_type=address.actor,
        identifier=mask(address.identifier.value),
        channel=row.channel,
        get_identifier=lambda: address.identifier.value,
        get_code=row.code,
    )
