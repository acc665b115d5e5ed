"""The second step of a login: a challenge, and the token that may answer it and opens nothing else."""

from datetime import datetime, timedelta

from django.db import IntegrityError

from customer_registration import ratelimits
from customer_registration.conf import config
from customer_registration.enums import FactorProvider, IdentifierKind, Provider, Purpose
from customer_registration.exceptions import SecondFactorRequired, Throttled
from customer_registration.flows import gates
from customer_registration.flows.client import Client
from customer_registration.flows.second_factor import sending
from customer_registration.models import Customer, OtpVerification, RecoveryCode, SecondFactor
from customer_registration.models.integrity import retrying
from customer_registration.tokens import LoginToken

RECOVERY_CODE = "recovery_code"
METHODS = (FactorProvider.TOTP.value, FactorProvider.OTP.value, RECOVERY_CODE)  # in the order they are offered
ID_PREFIX = "authmfachal_"


def admit(
    customer: Customer,
    *,
    provider: Provider,
    proven: IdentifierKind | None,
    client: Client,
    now: datetime,
    auth_time: int | None = None,
    mfa_at: int | None = None,
) -> gates.Grant:
    """Let a person through the gates, as `gates.admit`; at that of the second factor, ask for it.

    Args:
        customer: with its user loaded.
        provider: how they proved themselves.
        proven: the identifier they came by; ``None`` when refreshing.
        client: who asks.
        now: the time of the flow.
        auth_time: when they proved themselves, in seconds since the epoch; now, unless refreshing.
        mfa_at: when they showed a second factor, in seconds since the epoch.

    Returns:
        The token; before the second factor an actorless one, with the challenge that it may answer.

    Raises:
        AccountInactive, AccountDeletionPending, VerificationRequired: the gate that is closed.
        Throttled: too many challenges by refreshing from here.
        LimiterUnavailable: the limiter's store is down.
    """
    if auth_time is None:
        auth_time = int(now.timestamp())
    try:
        return gates.admit(customer, provider=provider, proven=proven, now=now, auth_time=auth_time, mfa_at=mfa_at)
    except SecondFactorRequired:
        challenge = _ask(customer, came_by=proven, client=client, now=now)
    token = LoginToken.for_customer(
        customer,
        provider=provider,
        auth_time=auth_time,
        actorless=True,
        challenge_id=challenge.pk,
        ends_at=int(challenge.expires_at.timestamp()),
    )
    return gates.Grant(token.sign(now=now), challenge=challenge)


def methods_of(customer: Customer) -> dict[str, str]:
    """Return what a person may show, in the order it is offered; for codes with the kind of contact they go to."""
    if not customer.has_second_factor:
        return {FactorProvider.OTP.value: ""} if config().login.second_step == "otp" else {}
    enabled = SecondFactor.objects.filter(customer=customer).enabled()
    methods: dict[str, str] = dict(enabled.values_list("provider", "contact_kind"))
    if RecoveryCode.objects.filter(customer=customer, used_at=None).exists():
        methods[RECOVERY_CODE] = ""
    return {name: methods[name] for name in METHODS if name in methods}


def offered(challenge: OtpVerification) -> list[str]:
    """Return what may answer a challenge, in the order it is offered."""
    return [name for name in METHODS if name in challenge.payload["methods"]]


def public_id(challenge_id: str) -> str:
    """Return a challenge's id as storefronts see it."""
    return f"{ID_PREFIX}{challenge_id}"


def _ask(customer: Customer, *, came_by: IdentifierKind | None, client: Client, now: datetime) -> OtpVerification:
    """Write a challenge, and send a code where one is among its methods."""
    if came_by is None:
        ratelimits.hit("login", ip=client.ip)  # a refresh, which is no login that has been counted
    methods, chosen = methods_of(customer), config().second_factor
    if FactorProvider.OTP.value in methods:
        kind = methods[FactorProvider.OTP.value] or came_by
        contact = sending.contact_for(customer, IdentifierKind(kind) if kind else None, came_by=came_by)
        if contact is not None:
            sending.send_if_possible(customer, contact, client=client, now=now)
    challenge = OtpVerification(
        purpose=Purpose.SECOND_FACTOR_CHALLENGE,
        channel="",
        customer=customer,
        max_attempts=chosen.max_attempts,
        expires_at=now + timedelta(seconds=chosen.challenge_seconds),
        # Keys, so that the UPDATE that counts a guess can ask for one. JSON keeps no order of them.
        payload={"methods": methods},
        created_at=now,
    )
    try:
        retrying(lambda: challenge.save(force_insert=True))
    except IntegrityError as error:
        if Customer.objects.filter(pk=customer.pk).exists():
            raise
        raise Throttled(1) from error  # the customer was deleted this very moment
    return challenge
