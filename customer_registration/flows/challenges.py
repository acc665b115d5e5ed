"""The first half of the road of every one-time code: issue it. `proving` is the second."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError
from django.db.models import OuterRef, QuerySet, Subquery

from customer_registration import keys, ratelimits, signals
from customer_registration.conf import config
from customer_registration.enums import Purpose
from customer_registration.exceptions import Throttled
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.messaging import compose, queue
from customer_registration.models import Customer, OtpVerification, SendSlot
from customer_registration.models.prepared import insert
from customer_registration.models.send_slot import Claim


@dataclass(frozen=True, slots=True)
class Challenge:
    """A code is on its way, or seems to be: where to bring it and until when."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Older:
    """The live code that a new one replaces, as it was read."""

    row_id: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What to send, under which throttle.

    Args:
        purpose: what the secret proves.
        slot: names the throttle; purposes that share it share a name.
        channel: a key of ``CHANNELS``.
        throttle: how long until the next one.
        limits: the sending limits that it counts on: rule → the person it counts.
        lifetime: how long the secret is good for; ``OTP.EXPIRY_MINUTES`` if not given.
        payload: kept with the row.
        subject: what the code is found by where nobody names its row.
        delivered: whether our channels send it; else the project does.
        language: of the message; the customer's if not given.
    """

    purpose: Purpose
    slot: str
    channel: str
    throttle: timedelta
    limits: dict[str, str]
    lifetime: timedelta | None = None
    payload: dict[str, Any] | None = None
    subject: str = ""
    delivered: bool = True
    language: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the holder of a contact reads when somebody else asks for a code to it."""

    kind: str
    holder: Customer
    destination: Identifier


def issue(
    dispatch: Dispatch,
    *,
    asked_for: str,
    customer: Customer | None,
    destination: Identifier | None,
    client: Client,
    now: datetime,
    older: Older | None = None,
    find_older: Callable[[], Older | None] | None = None,
    expect_first: bool = False,
    notice: Notice | None = None,
) -> OtpVerification:
    """Write a new secret and queue its message; where nothing may be sent, a decoy of both.

    A new code replaces the older one and starts with its guesses, so asking again buys none (attack C5). Where anybody
    may ask for anybody's, without ``find_older``, codes live side by side: a stranger's can neither kill the code that
    the owner holds nor spend its guesses.

    Args:
        dispatch: what to send.
        asked_for: the id or identifier that the request named, known or not: the throttle's key.
        customer: whose it is; ``None`` for people who do not exist.
        destination: the canonical contact it goes to; ``None`` for a decoy, which never verifies.
        client: who asks.
        now: the time of the flow.
        older: the live code it replaces, as read before.
        find_older: reads that code again, should a guess at it have come between.
        expect_first: nothing was sent to this person yet, in all likelihood.
        notice: goes out in place of a decoy's silence.

    Raises:
        Throttled: inside the resend throttle, or past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    hits = ratelimits.hit_all(dispatch.limits, ip=client.ip)
    otp = config().otp
    lifetime = dispatch.lifetime or timedelta(minutes=otp.expiry_minutes)

    def write(slot: Claim) -> OtpVerification:
        attempts = 0 if slot.first or find_older is None else replace(older, find_older, now=now)
        row = OtpVerification(
            purpose=dispatch.purpose,
            channel=dispatch.channel,
            destination=destination.value if destination else "",
            customer=customer,
            attempts=min(attempts, otp.max_attempts),
            max_attempts=otp.max_attempts,
            expires_at=now + lifetime,
            payload=dispatch.payload or {},
            subject=dispatch.subject,
            created_at=now,
        )
        insert(row)
        sent_to = row.destination if dispatch.delivered and not row.is_fixed else ""
        queue(
            compose(
                notice.kind if notice else dispatch.purpose.value,
                channel=dispatch.channel,
                destination=notice.destination.value if notice else sent_to,
                customer=notice.holder if notice else row.customer,
                otp=None if notice else row,
                language="" if notice else dispatch.language,
                now=now,
            )
        )
        issued = {"purpose": row.purpose, "channel": row.channel, "is_decoy": row.is_decoy}
        signals.send_on_commit(signals.code_issued, OtpVerification, **issued)
        return row

    try:
        return SendSlot.objects.holding(
            slot_key(dispatch.slot, asked_for), write, throttle=dispatch.throttle, now=now, expect_first=expect_first
        )
    except IntegrityError as error:
        hits.give_back()
        if customer is None or Customer.objects.filter(pk=customer.pk).exists():
            raise
        raise Throttled(1) from error  # the customer was deleted this very moment
    except (Throttled, DatabaseError):
        hits.give_back()  # nothing was sent
        raise


def slot_key(slot: str, asked_for: str) -> str:
    """Return the key of the throttle that ``asked_for`` has under the name of ``slot``."""
    return keys.keyed_hash("send_slot", f"{slot}:{asked_for}")


def with_unused_code(customers: QuerySet[Customer], purpose: Purpose) -> QuerySet[Any]:
    """Load the code that a new one would replace, if it is still live, in the same SELECT; `older_of` returns it."""
    unused = OtpVerification.objects.filter(customer_id=OuterRef("pk"), purpose=purpose, consumed_at=None)
    newest = unused.order_by("-pk")
    return customers.select_related("user").annotate(
        **{f"unused_{name}": Subquery(newest.values(name)[:1]) for name in ("id", "attempts", "expires_at")}
    )


def older_of(customer: Any, *, now: datetime) -> Older | None:
    """Return the live code of a customer read `with_unused_code`."""
    if customer is None or customer.unused_id is None or customer.unused_expires_at <= now:
        return None
    return Older(customer.unused_id, customer.unused_attempts)


def older_code(customer_id: str, purpose: Purpose, *, now: datetime) -> Older | None:
    """Return the live code of a purpose that a new one would replace."""
    found: Iterable[tuple[str, int]] = _live(customer_id, purpose, now=now).values_list("pk", "attempts")[:1]
    return next((Older(row_id, attempts) for row_id, attempts in found), None)


def person_of(destination: str, asked_for: str) -> str:
    """Name the person whose wrong codes are counted together: a keyed hash of the contact that codes go to.

    By contact, not by customer id: a claim that lapses and is made anew has a new id, and may not bring new guesses.
    For people who do not exist, what was asked for stands in.
    """
    return keys.keyed_hash("guesses", destination or asked_for)


def _live(customer_id: Any, purpose: Purpose, *, now: datetime) -> QuerySet[OtpVerification]:
    return OtpVerification.objects.live(now).filter(customer_id=customer_id, purpose=purpose).order_by("-pk")


def replace(older: Older | None, find_older: Callable[[], Older | None], *, now: datetime) -> int:
    """Retire the code that a new one replaces, in the caller's transaction; return the guesses it has had.

    Args:
        older: as read before.
        find_older: reads it again, should a guess at it have come between.
        now: the time of the flow.
    """
    # One UPDATE even when there is nothing to replace: people who do not exist cost the same statements.
    while not OtpVerification.objects.supersede(
        older.row_id if older else "", attempts=older.attempts if older else 0, now=now
    ):
        if older is None:
            return 0
        older = find_older()
    return older.attempts if older else 0
