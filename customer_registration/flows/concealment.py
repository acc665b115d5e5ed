"""Sign-up that tells nobody who has an account: ``REGISTRATION.EXISTING_ACCOUNT = "conceal"``.

Whoever signs up with an identifier that somebody holds gets a row like everybody, with the identifier as a *shadow*:
shown to them, held by nobody, with codes that are never sent. A second contact of their own is theirs, and they can
prove it: else its silence would give the shadow away. The holder is told that they have an account. Both branches hash
once, take the same statements and count on the same limits.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from customer_registration import ratelimits
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import CustomerExists, IdentityExists, Throttled
from customer_registration.flows import claims, identities
from customer_registration.flows.verification import options
from customer_registration.identifiers import Identifier
from customer_registration.messaging import compose, queue
from customer_registration.models import AccountEvent, Customer, OutboxMessage
from customer_registration.models.customer import shadow_field
from customer_registration.models.integrity import atomically
from customer_registration.models.lookups import customer_by_contact
from customer_registration.users import user_adapter

NOTICE = "existing_account"


@dataclass(slots=True)
class Taken:
    """What came of the second identifiers of a customer: what their row holds, and what is to be saved with it."""

    values: dict[str, object] = field(default_factory=dict)
    events: list[AccountEvent | None] = field(default_factory=list)
    notices: list[OutboxMessage] = field(default_factory=list)


def register(
    customer: Customer, identifier: Identifier, holder: Customer | None, *, password: str, now: datetime
) -> None:
    """Save an identity, of a shadow where somebody holds the identifier, and tell the holder.

    Args:
        customer: not saved yet, with the identifier.
        identifier: what they register by.
        holder: of the identifier, as read.
        password: a hash.
        now: the time of the flow.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    told = may_be_told(identifier)

    def write(holder: Customer | None, *, shadow: bool) -> None:
        released = _release(None if shadow else holder, identifier.kind, now=now)
        if shadow:
            customer.make_shadow(identifier.kind)
        identities.save(customer, identifier.kind, released=released, password=password)
        queue(_notice(identifier, holder if shadow and told else None, now=now))

    if not _is_held(holder, identifier.kind, now=now):
        try:
            return atomically(lambda: write(holder, shadow=False))
        except IdentityExists:  # by a user of the project's, or by somebody who was quicker
            pass
        except IntegrityError as error:
            if claims.taken(error) is None:
                raise
        holder = _holder(identifier)
    atomically(lambda: write(holder, shadow=True))
    return None


def take(customer: Customer, identifiers: dict[Identifier, bool], *, now: datetime, shadows: bool = False) -> Taken:
    """Give a customer their second identifiers, in the caller's transaction: those that somebody holds as shadows.

    Args:
        customer: whose.
        identifiers: whether a holder of it may be told.
        now: the time of the flow.
        shadows: take them for held, whoever holds them: a try before this one was told so by the database.

    Raises:
        IdentityExists: a claim was proven meanwhile; try again with ``shadows``.
    """
    taken = Taken()
    for identifier, told in identifiers.items():
        kind, holder = identifier.kind, _holder(identifier)
        shadow = shadows or _is_held(holder, kind, now=now)
        taken.events.append(_release(None if shadow else holder, kind, now=now))
        shadow = shadow or not _copied_to_user(customer, identifier)
        if shadow and user_adapter().field_for(kind):
            with transaction.atomic():  # changes nothing, for the savepoint and the statement that a user's field takes
                Customer.objects.raise_epoch("", now=now)
        # Both fields: a try before this one that was rolled back may have left the other on the customer.
        names = (kind.value, shadow_field(kind))
        taken.values |= dict(zip(names, (None, identifier.value) if shadow else (identifier.value, None), strict=True))
        taken.notices.append(_notice(identifier, holder if shadow and told else None, now=now))
    return taken


def may_be_told(identifier: Identifier) -> bool:
    """Count a message to an identifier, whoever holds it; ``False`` past the limits of its recipient.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    try:
        ratelimits.hit("code_send", ip=None, key=identifier.value)
    except Throttled:
        return False
    return True


def _holder(identifier: Identifier) -> Customer | None:
    return customer_by_contact(identifier)


def _is_held(holder: Customer | None, kind: IdentifierKind, *, now: datetime) -> bool:
    return holder is not None and (holder.is_staff or not claims.lapsed(holder, kind, now=now))


def _release(lapsed: Customer | None, kind: IdentifierKind, *, now: datetime) -> AccountEvent | None:
    if lapsed is not None:
        return identities.give_way(lapsed, kind, now=now)
    claims.rehearse_release(now=now)
    return None


def _copied_to_user(customer: Customer, identifier: Identifier) -> bool:
    try:
        claims.copy_to_user(customer, identifier)
    except CustomerExists:  # a user of the project's, who is no customer
        return False
    return True


def _notice(identifier: Identifier, holder: Customer | None, *, now: datetime) -> OutboxMessage:
    """Return the message to a holder, which carries no code; a decoy where there is nobody to be told."""
    channel = options(identifier.kind).channel
    reached = holder is not None and holder.is_active and bool(config().channels.get(channel))
    destination = identifier.value if reached else ""
    return compose(NOTICE, channel=channel, destination=destination, customer=holder if reached else None, now=now)
