"""Write what a sign-up leaves behind, without its requests, which cost six times as much.

`tests/flows/test_rows.py` compares it with the real road, row by row. Where a test has changed that road, listens on it
or has somebody stand in it, `equal_the_road` says so, and the fixtures take the road.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_in
from django.core import mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from customer_registration import keys, ratelimits, signals
from customer_registration.conf import Config, config
from customer_registration.enums import EventKind, IdentifierKind, OutboxState, Provider, Purpose
from customer_registration.exceptions import GateClosed
from customer_registration.flows import challenges, gates, identities
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.messaging import compose
from customer_registration.messaging.delivery import LEASE
from customer_registration.models import AccountEvent, Customer, OtpVerification, SendSlot
from customer_registration.tokens import LoginToken
from customer_registration.users import DefaultUserAdapter, user_adapter
from tests.secret_search.findings import RECORD

IP = "127.0.0.1"  # of Django's test client
PURPOSE = Purpose.EMAIL_VERIFICATION
PROFILE = {"first_name", "last_name", "company_name", "metadata", "phone"}
SIGNALS = (
    signals.identity_registered,
    signals.customer_registered,
    signals.contact_verified,
    signals.message_queued,
    user_logged_in,
)
OWN_RECEIVERS = [len(signal.receivers) for signal in SIGNALS]


@pytest.fixture
def over_http() -> None:
    """Let `register`, `sign_up` and `verified` take the real road, for a test of what that does on its way."""


@pytest.fixture(name="by_rows")
def rows_will_do(request: pytest.FixtureRequest, api: Any) -> Callable[[str, dict[str, Any]], bool]:
    """Whether somebody may be written as rows."""
    if "over_http" in request.fixturenames:
        return lambda *_: False
    return lambda email, profile: not api.client.defaults and equal_the_road(email, profile)


def equal_the_road(email: str, profile: dict[str, Any]) -> bool:
    """Whether rows are what the real road would leave: nothing is in its way, and nobody watches it."""
    return (
        email.isascii()
        and email == email.lower()
        and set(profile) <= PROFILE
        and all(profile.values())
        and _is_plain(config())
        and type(user_adapter()).create is DefaultUserAdapter.create
        and [len(signal.receivers) for signal in SIGNALS] == OWN_RECEIVERS
        and not Customer.objects.filter(Q(email=email) | Q(phone=profile.get("phone", "none"))).exists()
    )


def _is_plain(chosen: Config) -> bool:
    """Whether no setting bears on a sign-up by e-mail, but for those that `write` reads."""
    return (
        chosen.registration.identifier != "phone"
        and not chosen.conceals_accounts
        and not chosen.email_verification.auto_send_on_registration
        and not chosen.phone_verification.auto_send_on_registration
        and not chosen.test_identifiers
        and "emailpass" in chosen.providers_of("customer")
    )


def write(
    email: str, password: str, profile: dict[str, Any] | None = None, *, verified: bool = False
) -> tuple[Customer, str, str | None]:
    """Write an identity, with a profile a customer, and if so told the proof of the address.

    Returns:
        The customer, the registration token, and the token of the login that comes with the proof.
    """
    now = timezone.now()
    texts = {value for value in (profile or {}).values() if isinstance(value, str)}
    RECORD.public.update({email, *texts})  # as the search would read in the requests
    ratelimits.hit("register", ip=IP)
    customer = identities.claimant(Identifier(IdentifierKind.EMAIL, email), client=Client(ip=IP), now=now)
    for name, value in (profile or {}).items():
        setattr(customer, name, value)
    customer.registered_at = None if profile is None else now
    customer.email_verified_at = now if verified else None
    user = user_adapter().build(customer)
    user.set_password(password)  # where the search notes passwords
    customer.user = user
    token = _login(customer) if verified else None
    user.last_login = now if token else None
    with transaction.atomic():
        user.save(force_insert=True)
        customer.save(force_insert=True)
        AccountEvent.objects.bulk_create(_events(customer))
        if verified:
            _write_proof(customer)
    registered = LoginToken.for_customer(
        customer, provider=Provider.EMAILPASS, auth_time=int(now.timestamp()), actorless=True
    )
    return customer, registered.sign(now=now), token


def _events(customer: Customer) -> Iterable[AccountEvent]:
    yield AccountEvent.of(EventKind.IDENTITY_REGISTERED, customer, contact=IdentifierKind.EMAIL)
    if customer.is_registered:
        yield AccountEvent.of(EventKind.CUSTOMER_CREATED, customer)
    if customer.email_verified_at:
        yield AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=IdentifierKind.EMAIL)


def _write_proof(customer: Customer) -> None:
    """Write the code that was sent and used, its message, the throttle's slot and the mail."""
    chosen, now, email = config(), customer.email_verified_at, str(customer.email)
    ratelimits.hit("code_send", ip=IP, key=email)
    otp = OtpVerification.objects.create(
        purpose=PURPOSE,
        subject=keys.keyed_hash("verification.subject", customer.pk),
        channel=chosen.email_verification.channel,
        destination=email,
        customer=customer,
        attempts=1,
        max_attempts=chosen.otp.max_attempts,
        expires_at=now + timedelta(minutes=chosen.otp.expiry_minutes),
        consumed_at=now,
        proven_at=now,
        created_at=now,
    )
    message = compose(PURPOSE.value, channel=otp.channel, destination=email, customer=customer, otp=otp, now=now)
    message.state, message.tries, message.next_attempt_at, message.sent_at = OutboxState.SENT, 1, now + LEASE, now
    message.save(force_insert=True)
    SendSlot.objects.create(key=challenges.slot_key(PURPOSE, customer.pk), last_sent_at=now)
    mail.outbox.append(mail.EmailMessage("Your code", f"\n    {otp.code()}\n", to=[email]))


def _login(customer: Customer) -> str | None:
    now, kind = customer.email_verified_at, IdentifierKind.EMAIL
    try:
        return gates.admit(customer, provider=Provider.EMAILPASS, proven=kind, now=now).token
    except GateClosed:
        return None
