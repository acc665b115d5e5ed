"""Register a customer's identity with a code alone."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.db.models import Subquery
from django.utils import timezone

from customer_registration.actors import CUSTOMER
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Provider, Purpose
from customer_registration.exceptions import CustomerExists, IdentityExists
from customer_registration.flows import claims, identities, passwords
from customer_registration.flows.client import Client
from customer_registration.flows.passwordless import open_codes
from customer_registration.flows.passwordless.login import end_older_proofs
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, OtpVerification
from customer_registration.models.lookups import customer_by_contact
from customer_registration.tokens import LoginToken

PURPOSE = Purpose.CODE_REGISTRATION


def pre_register(identifier: Identifier, *, kinds: tuple[IdentifierKind, ...], client: Client) -> str:
    """Send a code to register with to an identifier that is free, or seem to; return the flow token.

    Args:
        identifier: canonical.
        kinds: of identifier that register; another one is answered like a taken one.
        client: who asks.

    Raises:
        CustomerExists: it is taken, and ``PASSWORDLESS.CONCEAL`` is off.
        ChannelUnavailable, Throttled, LimiterUnavailable: as `open_codes.send` says.
    """
    address, now, kind = Address(CUSTOMER, identifier), timezone.now(), identifier.kind
    holder = customer_by_contact(identifier)
    free = holder is None or _gives_way(holder, kind, now=now) or _resumes(holder, kind)
    if not free and not config().passwordless.conceal:
        open_codes.refuse_openly(address, client=client)
        raise CustomerExists(kind)
    reachable = free and kind in kinds
    return open_codes.send(address, PURPOSE, reachable=reachable, client=client, now=now)


def register(brought: Brought, *, client: Client) -> str:
    """Make an identity with a proven identifier and no password; return its registration token.

    The code is used up by it, and logs the person in once within `open_codes.GRANT`.

    Raises:
        InvalidOtp: wrong, expired, used, unknown: one answer.
        CustomerExists: somebody took the identifier after the code was sent.
        CodeAttemptsExceeded: the person's family of codes has had all its guesses.
        Throttled, LimiterUnavailable: as every registration.
    """
    now, identifier = timezone.now(), brought.address.identifier
    holder = Customer.objects.filter(**{identifier.kind.value: identifier.value}).values("pk")[:1]
    rows = open_codes.sent_for(PURPOSE, now=now).annotate(holder_id=Subquery(holder))
    match = open_codes.match_registration(brought, rows, client=client, now=now)
    try:
        customer = open_codes.use(match, lambda row: _write_identity(row, identifier, client=client, now=now), now=now)
    except IdentityExists as error:
        raise CustomerExists(identifier.kind) from error
    except IntegrityError as error:
        if claims.taken(error):
            raise CustomerExists(identifier.kind) from error
        raise
    token = LoginToken.for_customer(customer, provider=Provider.OTP, auth_time=int(now.timestamp()), actorless=True)
    return token.sign(now=now)


def _write_identity(row: OtpVerification, identifier: Identifier, *, client: Client, now: datetime) -> Customer:
    holder = customer_by_contact(identifier) if getattr(row, "holder_id", None) else None
    if holder is not None and _resumes(holder, identifier.kind):
        customer = end_older_proofs(holder, now=now)
    elif holder is None or _gives_way(holder, identifier.kind, now=now):
        customer = identities.claimant(identifier, client=client, now=now)
        setattr(customer, f"{identifier.kind.value}_verified_at", now)
        identities.write(customer, identifier.kind, holder, password=make_password(None), now=now)
    else:
        raise CustomerExists(identifier.kind)
    row.customer = customer
    # Every code that was sent for this belongs to the person now, and is erased with them.
    OtpVerification.objects.filter(subject=row.subject, purpose=PURPOSE).update(customer=customer)
    return customer


def _gives_way(holder: Customer, kind: IdentifierKind, *, now: datetime) -> bool:
    """Whether a claim has lapsed, so that the identifier is free for a new row."""
    return not holder.is_staff and claims.lapsed(holder, kind, now=now)


def _resumes(holder: Customer, kind: IdentifierKind) -> bool:
    """Whether the holder registered by code, and never became a customer: they may come back and finish."""
    is_code_identity = not passwords.has_password(holder) and holder.has_verified(kind)
    return is_code_identity and not holder.is_registered and holder.may_come_in_by(kind)
