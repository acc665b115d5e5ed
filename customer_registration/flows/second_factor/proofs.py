"""Codes of a second factor: what makes a typed one right, how it is used up, and how often one may be wrong."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from customer_registration.enums import EventKind, FactorProvider
from customer_registration.exceptions import (
    CodeAttemptsExceeded,
    FactorUnavailable,
    InvalidData,
    InvalidSecondFactor,
    InvalidToken,
    LimiterUnavailable,
    ReauthenticationRequired,
    SecondFactorAttemptsExceeded,
)
from customer_registration.flows import challenges, sessions
from customer_registration.flows.proven import VERIFIED, WRONG, tell_of_try
from customer_registration.flows.second_factor import authenticator, recovery_codes, sending
from customer_registration.flows.second_factor.challenges import methods_of
from customer_registration.flows.sessions import Session
from customer_registration.messaging import sms_guard
from customer_registration.models import AccountEvent, Customer, OtpVerification, RecoveryCode, SecondFactor
from customer_registration.models.integrity import atomically, retrying
from customer_registration.ratelimits import GuessBudget, Hits

Result = TypeVar("Result")

FAMILY = "factor"


@dataclass(frozen=True, slots=True)
class Proof:
    """A code that is right, unless somebody else uses it up first.

    Args:
        rows: the codes that were sent and are consumed with it.
        sent_to: where they went.
        use: uses up what else it takes, in the caller's transaction; ``False`` if that was used.
    """

    rows: tuple[str, ...] = ()
    sent_to: str = ""
    use: Callable[[], bool] = lambda: True

    def use_up(self, *rows: str, now: datetime) -> None:
        """Use the code up, and ``rows`` with it, first thing in the transaction that holds the effect.

        Race: one code sent twice at once, or to two challenges. Conditional UPDATEs, of which one matches.

        Raises:
            InvalidSecondFactor: something of it was used.
        """
        spent = [*rows, *self.rows]
        live = OtpVerification.objects.live(now).filter(pk__in=spent)
        if spent and live.update(consumed_at=now, proven_at=now) != len(spent):
            raise InvalidSecondFactor
        if not self.use():
            raise InvalidSecondFactor
        sms_guard.note_proof(self.sent_to)


def budget_of(customer_id: str) -> GuessBudget:
    """Return a person's guesses at their second factors."""
    return GuessBudget(FAMILY, challenges.person_of("", customer_id))


def guess_of(customer: Customer) -> tuple[GuessBudget, Hits]:
    """Count a guess at a person's second factors, before anything is compared.

    The budget is theirs by id and no contact's, so neither a right password nor a proven contact gives new guesses at
    what stands behind them; a right second factor does.

    Raises:
        SecondFactorAttemptsExceeded: they have none left now.
        LimiterUnavailable: the limiter's store is down.
    """
    budget = budget_of(customer.pk)
    try:
        return budget, budget.spend()
    except CodeAttemptsExceeded as error:
        raise SecondFactorAttemptsExceeded from error


@contextmanager
def not_counted_if_unavailable(guess: Hits) -> Iterator[None]:
    """Give a guess back where the server lacks what it takes to compare it."""
    try:
        yield
    except FactorUnavailable:
        guess.give_back()
        raise


def find(customer: Customer, method: str, typed: str, *, now: datetime) -> Proof | None:
    """Compare a typed code with what a person has; ``None`` if it is wrong. Spend a guess first.

    Raises:
        SecondFactorAttemptsExceeded: the code that was sent has had all its guesses.
        FactorUnavailable: the server lacks what authenticator apps take.
    """
    if method == FactorProvider.TOTP:
        apps = SecondFactor.objects.enabled().filter(customer=customer, provider=FactorProvider.TOTP)
        app = apps.first()
        return of_app(app, typed, now=now) if app else None
    if method == FactorProvider.OTP:
        # A code of `LOGIN.SECOND_STEP` stands in for no factor that was enrolled since its challenge was made.
        row = sending.live_code(customer, now=now, for_factor=customer.has_second_factor)
        return of_code(row, typed, now=now)
    return Proof(use=lambda: _use_recovery_code(customer, typed, now=now))


def of_app(app: SecondFactor, typed: str, *, now: datetime) -> Proof | None:
    """Compare a typed code with an authenticator app's; ``None`` if it is wrong.

    Raises:
        FactorUnavailable: the server lacks what authenticator apps take.
    """
    step = authenticator.step_of(app, typed, now=now)
    if step is None:
        return None
    secret = authenticator.renewed(app.secret)
    return Proof(use=lambda: SecondFactor.objects.use_step(app.pk, step, secret=secret))


def of_code(row: OtpVerification | None, typed: str, *, now: datetime) -> Proof | None:
    """Compare a typed code with one that was sent, and count a guess at it; ``None`` if it is wrong.

    Raises:
        SecondFactorAttemptsExceeded: it has had all its guesses.
    """
    if row is None:
        return None
    if not retrying(lambda: OtpVerification.objects.spend_attempt(row.pk, now=now)):
        raise SecondFactorAttemptsExceeded
    is_right = row.matches_code(typed)
    tell_of_try(row, VERIFIED if is_right else WRONG)
    return Proof(rows=(row.pk,), sent_to=row.destination) if is_right else None


def proven_again(
    session: Session, effect: Callable[[], Result], *, method: str | None, code: str | None, now: datetime
) -> Result:
    """Change what guards an account, with the proof that it takes: a second factor shown within ten minutes, or a code.

    Args:
        session: the caller's.
        effect: the change; runs in the transaction that uses the code up.
        method: of ``code``.
        code: as typed.
        now: the time of the flow.

    Raises:
        ReauthenticationRequired: neither is there.
        InvalidData: the person has no such method.
        InvalidSecondFactor: the code is wrong.
        SecondFactorAttemptsExceeded: they have had all their guesses.
        FactorUnavailable: the server lacks what authenticator apps take.
        LimiterUnavailable: the limiter's store is down.
    """
    if sessions.is_recent(session.mfa_at, now=now):
        return atomically(effect)
    if not method or not code:
        raise ReauthenticationRequired
    customer = session.known_customer
    methods = methods_of(customer)
    if method not in methods:
        raise wrong_method(method, methods)
    budget, guess = guess_of(customer)
    with not_counted_if_unavailable(guess):
        proof = find(customer, method, code, now=now)
    if proof is None:
        raise InvalidSecondFactor

    def write() -> Result:
        proof.use_up(now=now)
        return effect()

    result = atomically(write)
    with suppress(LimiterUnavailable):  # the proof has been committed
        budget.clear()
    return result


def wrong_method(method: str, methods: Iterable[str]) -> InvalidData:
    """Return the error of a method that is none of those offered, as validation words it."""
    wanted = " | ".join(f"'{each}'" for each in methods)
    return InvalidData(f"Invalid request: Expected: {wanted} for field 'method', but got: '{method}'")


def keep_session(customer: Customer, *, now: datetime, **values: object) -> None:
    """Set ``values`` and make sure that the session still stands, in the caller's transaction, after its other writes.

    Race: the owner resets the password or asks for the erasure of the account while somebody with a session changes
    what guards it. The row is held until the transaction ends, and what the caller reads next is not older.

    Raises:
        InvalidToken: it was ended meanwhile.
    """
    unchanged = Customer.objects.filter(pk=customer.pk, token_epoch=customer.token_epoch)
    if unchanged.update(updated_at=now, **values) != 1:
        raise InvalidToken


def _use_recovery_code(customer: Customer, typed: str, *, now: datetime) -> bool:
    hashes = recovery_codes.hashes_of(customer.pk, typed)
    if not RecoveryCode.objects.use(customer.pk, hashes, now=now):
        return False
    AccountEvent.of(EventKind.RECOVERY_CODE_USED, customer).save(force_insert=True)
    return True
