"""The SDK's own verification flow: ask for a link or a code, bring it back. The engine is that of `verification`."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from customer_registration.enums import IdentifierKind, Purpose
from customer_registration.exceptions import CodeAttemptsExceeded, CodeExpired, InvalidCode, InvalidData
from customer_registration.flows import challenges, claims, proving, verification
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, OtpVerification


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A contact's verification as the SDK's own flow sees it: asked for, and perhaps done."""

    customer: Customer
    contact: Identifier
    code_provider: str
    requested_at: datetime
    row_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    verified_at: datetime | None = None


def request(
    customer: Customer, contact: Identifier, *, by_link: bool, metadata: dict[str, Any], client: Client
) -> Verification:
    """Send a link or a code to the caller's own contact, as the SDK's flow asks; nothing if it is proven already.

    Raises:
        InvalidData: the contact is not the caller's.
        Throttled: inside the resend throttle.
        LimiterUnavailable: the limiter's store is down.
    """
    kind = contact.kind
    now = timezone.now()
    if claims.shown(customer, kind, now=now) != contact:
        raise InvalidData("Invalid request: The entity is not a contact of this customer")
    asked = Verification(
        customer=customer,
        contact=contact,
        code_provider="token" if by_link else "otp",
        requested_at=now,
        metadata=metadata,
        verified_at=customer.verified_at(kind),
    )
    if asked.verified_at:
        return asked
    purpose = (verification.LINK if by_link else verification.CODE)[kind]
    row = verification.issue(
        purpose,
        customer.pk,
        customer,
        kind,
        older=challenges.older_code(customer.pk, purpose, now=now),
        payload={"metadata": metadata},
        client=client,
        now=now,
    )
    return replace(asked, row_id=row.pk)


def confirm_link(value: str) -> Verification:
    """Prove a contact with the value of a mailed link, which confirms by itself; no token is given for it.

    Raises:
        InvalidCode: forged, used or superseded.
        CodeExpired: its time is over.
    """
    now = timezone.now()
    row = OtpVerification.objects.select_related("customer__user").filter(pk=value.partition(".")[0]).first()
    if row is None or row.purpose not in verification.LINK.values() or not row.matches_link_value(value):
        raise InvalidCode
    if row.consumed_at is None and row.expires_at <= now:
        raise CodeExpired
    customer = proving.consume(row, verification.mark_verified(now), now=now)
    return _done(customer, row, code_provider="token", now=now)


def confirm_code(customer: Customer, *, code: str) -> Verification:
    """Prove one of the caller's contacts with a code alone: it is tried on each that has a live one, newest first.

    Raises:
        InvalidCode, CodeExpired, CodeAttemptsExceeded: as `proving.prove` says.
    """
    now = timezone.now()
    sent = OtpVerification.objects.filter(customer=customer, purpose__in=verification.CODE.values(), consumed_at=None)
    newest = {row.purpose: row for row in sent.order_by("pk")}
    failure: Exception = InvalidCode()
    for row in sorted(newest.values(), key=lambda row: row.pk, reverse=True):
        seen = verification.seen_by(customer, verification.KIND_OF[Purpose(row.purpose)], now=now)
        try:
            proven = proving.prove(
                row.pk,
                typed=code,
                family=verification.FAMILY,
                person=challenges.person_of(seen, customer.pk),
                effect=verification.mark_verified(now),
                now=now,
            )
        except (InvalidCode, CodeExpired, CodeAttemptsExceeded) as error:
            failure = error
        else:
            return _done(proven, row, code_provider="otp", now=now)
    raise failure


def latest_request(customer: Customer, kind: IdentifierKind) -> Verification | None:
    """Return the newest verification asked for of a contact, or ``None``."""
    rows = OtpVerification.objects.filter(
        customer=customer, purpose__in=(verification.CODE[kind], verification.LINK[kind])
    )
    row = rows.order_by("-pk").first()
    contact = claims.shown(customer, kind, now=timezone.now())
    if row is None or contact is None:
        return None
    return Verification(
        customer=customer,
        contact=contact,
        code_provider="token" if row.purpose == verification.LINK[kind] else "otp",
        requested_at=row.created_at,
        row_id=row.pk,
        metadata=row.payload.get("metadata", {}),
        verified_at=customer.verified_at(kind),
    )


def _done(customer: Customer, row: OtpVerification, *, code_provider: str, now: datetime) -> Verification:
    kind = verification.KIND_OF[Purpose(row.purpose)]
    return Verification(
        customer=customer,
        contact=Identifier(kind, row.destination),
        code_provider=code_provider,
        requested_at=row.created_at,
        row_id=row.pk,
        verified_at=now,
    )
