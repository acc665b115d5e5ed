"""Answer a challenge: the second step of a login, which earns the token that the first one did not."""

from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError, OperationalError
from django.utils import timezone

from customer_registration.enums import IdentifierKind, Provider, Purpose
from customer_registration.exceptions import (
    ChallengeNotFound,
    CustomerRegistrationError,
    InvalidOtp,
    InvalidSecondFactor,
    LimiterUnavailable,
    SecondFactorAttemptsExceeded,
)
from customer_registration.flows import challenges, gates, roads
from customer_registration.flows.client import Client
from customer_registration.flows.passwordless.admission import ask_backends
from customer_registration.flows.providers import PROVIDER_OF
from customer_registration.flows.second_factor import proofs
from customer_registration.flows.second_factor.challenges import public_id
from customer_registration.flows.sessions import Session
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, OtpVerification
from customer_registration.models.integrity import atomically, lost_race, retrying
from customer_registration.ratelimits.guesses import clear_all_families

_KIND_OF = {provider: kind for kind, provider in PROVIDER_OF.items()}


@roads.told(roads.SECOND_FACTOR)
def complete(session: Session, challenge_id: str, *, method: str, code: str, client: Client) -> gates.Grant:
    """Take a code for a challenge and let the person in, through all the gates again.

    How the person proved themselves first, and when, is in the token, which was signed for this challenge alone; so
    the challenge itself is not read, and a right code costs six statements at most.

    Args:
        session: of the actorless token that the challenge came with.
        challenge_id: as storefronts see it.
        method: one of the challenge's.
        code: as typed.
        client: who asks.

    Raises:
        ChallengeNotFound: it is unknown, used, expired, or was not made for this token.
        InvalidData: it does not have the method.
        InvalidSecondFactor: the code is wrong or was used, or a backend of the project's locks the person out;
            ``attempts_remaining`` says how many guesses are left.
        SecondFactorAttemptsExceeded: the challenge, the code or the person has had all guesses.
        FactorUnavailable: the server lacks what authenticator apps take.
        GateClosed: a gate has closed since the first step.
        LimiterUnavailable: the limiter's store is down.
    """
    now, token, customer = timezone.now(), session.token, session.known_customer
    row_id = token.challenge_id
    if row_id is None or challenge_id != public_id(row_id):
        raise ChallengeNotFound
    budget, guess = proofs.guess_of(customer)
    own = OtpVerification.objects.filter(customer=customer, purpose=Purpose.SECOND_FACTOR_CHALLENGE)
    try:
        counted = retrying(lambda: own.filter(payload__methods__has_key=method).spend_attempt(row_id, now=now))
    except DatabaseError:
        guess.give_back()  # nothing was compared
        raise
    if not counted:
        guess.give_back()
        raise _why_closed(own.filter(pk=row_id).first(), method, now=now)
    provider = Provider(token.auth_provider)
    contact = _contact(customer, provider)
    with proofs.not_counted_if_unavailable(guess):
        proof = proofs.find(customer, method, code, now=now)
    try:
        if proof is None:
            raise InvalidSecondFactor
        shown = int(now.timestamp())
        grant = gates.admit(customer, provider=provider, proven=None, now=now, auth_time=token.auth_time, mfa_at=shown)
        ask_backends(customer.user, contact or Identifier.nobody(IdentifierKind.EMAIL), client=client)
        _use_up(proof, row_id, now=now)
    except (InvalidSecondFactor, InvalidOtp) as error:
        if contact is not None and not isinstance(error, InvalidOtp):  # a lock-out has been announced by Django
            gates.announce_failure(contact, client=client)
        row = own.filter(pk=row_id).first()
        if row is None or row.consumed_at is not None:
            raise ChallengeNotFound from error
        raise InvalidSecondFactor(attempts_remaining=row.attempts_remaining) from error
    with suppress(LimiterUnavailable):  # the proof has been committed
        budget.clear()
        if contact is not None:
            clear_all_families(challenges.person_of(contact.value, customer.pk))
    # After a refresh too: a password and then a refresh must not be a login that nobody hears of.
    gates.announce_login(customer, client=client)
    return grant


def _use_up(proof: proofs.Proof, row_id: str, *, now: datetime) -> None:
    try:
        atomically(lambda: proof.use_up(row_id, now=now))
    except OperationalError as error:
        if lost_race(error):
            raise InvalidSecondFactor from error
        raise


def _contact(customer: Customer, provider: Provider) -> Identifier | None:
    """Return what the person came by, of which the token of a code login does not tell the kind."""
    kind = _KIND_OF.get(provider)
    return (customer.contact(kind) if kind else None) or customer.notice_contact


def _why_closed(row: OtpVerification | None, method: str, *, now: datetime) -> CustomerRegistrationError:
    if row is None or row.consumed_at is not None or row.expires_at <= now:
        return ChallengeNotFound()
    if method not in row.payload["methods"]:
        return proofs.wrong_method(method, row.payload["methods"])
    return ChallengeNotFound() if row.attempts_remaining else SecondFactorAttemptsExceeded()
