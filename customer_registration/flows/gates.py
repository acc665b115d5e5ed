"""The one road to a token: user active, not under deletion, verified, second factor, in this order.

Every flow that gives out a token with an ``actor_id`` calls `admit`, after its proof.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.signals import user_logged_in, user_login_failed

from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Provider
from customer_registration.exceptions import (
    AccountDeletionPending,
    AccountInactive,
    SecondFactorRequired,
    VerificationRequired,
)
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, OtpVerification
from customer_registration.tokens import LoginToken


@dataclass(frozen=True, slots=True)
class Grant:
    """What a proof earns: a signed token, and what still stands between it and an actor.

    Args:
        token: a JWT, without an actor where one of the others is given.
        verify_first: the contact to be verified.
        challenge: the second factor to be shown, as `second_factor.challenges` asks for it.
    """

    token: str = field(repr=False)
    verify_first: IdentifierKind | None = None
    challenge: OtpVerification | None = None


def login_kinds() -> tuple[IdentifierKind, ...]:
    """Return the kinds of identifier that log in."""
    mode = config().login_mode
    return tuple(IdentifierKind) if mode == "both" else (IdentifierKind(mode),)


def admit(
    customer: Customer,
    *,
    provider: Provider,
    proven: IdentifierKind | None,
    now: datetime,
    auth_time: int | None = None,
    mfa_at: int | None = None,
) -> Grant:
    """Let a person through the gates and mint their token.

    Before the customer exists the token is actorless. While an identifier is unproven, ``LOGIN.UNVERIFIED_RESPONSE``
    decides between an error and an actorless token to verify with.

    Args:
        customer: with its user loaded.
        provider: how they proved themselves.
        proven: the identifier they came by, which must be verified; ``None`` asks for any one that logs in.
        now: the time of the flow.
        auth_time: when they proved themselves, in seconds since the epoch; now, unless refreshing.
        mfa_at: when they showed a second factor, in seconds since the epoch.

    Raises:
        AccountInactive, AccountDeletionPending, VerificationRequired, SecondFactorRequired: the gate that is closed.
    """
    if not customer.is_active:
        raise AccountInactive
    if customer.deletion_scheduled_at is not None:
        raise AccountDeletionPending(customer.deletion_scheduled_at)
    closed_by = unverified(customer, proven)
    challenge = config().login.unverified_response == "challenge"
    if closed_by and customer.is_registered and not challenge:
        raise VerificationRequired(customer.pk, closed_by)
    if mfa_at is None and not closed_by and customer.is_registered and needs_second_factor(customer, provider):
        raise SecondFactorRequired
    token = LoginToken.for_customer(
        customer,
        provider=provider,
        auth_time=int(now.timestamp()) if auth_time is None else auth_time,
        actorless=not customer.is_registered or closed_by is not None,
        mfa_at=mfa_at,
    )
    return Grant(token.sign(now=now), verify_first=closed_by if challenge else None)


def needs_second_factor(customer: Customer, provider: Provider) -> bool:
    """Whether a login has a second step: an enrolled factor, or ``LOGIN.SECOND_STEP`` unless a code was the first."""
    by_code = config().login.second_step == "otp" and provider != Provider.OTP
    return customer.has_second_factor or by_code


def announce_login(customer: Customer, *, client: Client) -> None:
    """Send Django's ``user_logged_in``, as every login does, so that a host's monitors see it (row F4).

    Whoever has come through every gate is the owner, as far as can be told, so messages speak their language from now.
    """
    if client.language and client.language != customer.language:
        Customer.objects.remember_language(customer, client.language)
    user = customer.user
    user_logged_in.send(sender=type(user), request=client.request, user=user)


def announce_failure(identifier: Identifier, *, client: Client) -> None:
    """Send Django's ``user_login_failed`` for a code that was wrong (row F4); ``authenticate()`` does for passwords."""
    user_login_failed.send(sender=__name__, credentials={"identifier": identifier}, request=client.request)


def unverified(customer: Customer, proven: IdentifierKind | None) -> IdentifierKind | None:
    """Return the kind of contact that has to be proven before a login, or ``None``; as `admit` takes ``proven``."""
    if not config().registration.require_verification:
        return None
    kinds = (proven,) if proven else login_kinds()
    if any(customer.has_verified(kind) for kind in kinds):
        return None
    claimed = [kind for kind in kinds if customer.claimed(kind)]
    return claimed[0] if claimed else kinds[0]
