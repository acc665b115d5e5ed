"""Clear away what has served: in batches by indexed ranges, each in a transaction of its own."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import OperationalError, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from customer_registration.conf import config
from customer_registration.enums import DeletionStatus, EventKind, FactorStatus, IdentifierKind, OutboxState
from customer_registration.flows.deletion import erasure
from customer_registration.flows.deletion.erasure import Account
from customer_registration.flows.deletion.relations import foreign_relations
from customer_registration.flows.insights import kept
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
    SecondFactor,
    SendSlot,
)
from customer_registration.models.customer import shadow_field
from customer_registration.models.integrity import atomically, begin_writing, locked
from customer_registration.users import staff_among

logger = logging.getLogger(__name__)

BATCH_SIZE = 1000
AFTERMATH = timedelta(days=1)  # how long an expired code can still say that it has expired
OUTBOX_RETENTION = timedelta(days=30)  # of messages that were sent or given up, for staff to look at


def purge(*, batch_size: int = BATCH_SIZE) -> dict[str, int]:
    """Clear away what has served; return how many rows of each kind.

    ``leftovers`` of people who asked for a code at the moment of their erasure; ``messages`` that were sent or given up
    a month ago; ``codes`` and links that expired a day ago, those of addresses without an account at once; ``claims``
    that lapsed ``PURGE_UNVERIFIED_DAYS`` ago, as `_purge_claims` says; ``shadows`` of contacts, once their claim is
    over; ``factors`` that were set up a day ago and never shown to work, or taken away ``RETENTION_DAYS`` ago;
    ``events`` past ``RETENTION_DAYS``; ``slots`` of throttles that are over; ``unconfirmed`` requests for deletion,
    which count as cancelled after a day; ``requests`` that are closed, ``RETENTION_DAYS`` after they were made.

    Args:
        batch_size: rows in a transaction.

    Raises:
        Exception: whatever a kind that could not be cleared has raised, once all the others are.
    """
    now = timezone.now()
    steps: dict[str, Callable[[int, datetime], int]] = {
        "leftovers": _purge_leftovers,
        "messages": _purge_messages,
        "codes": _purge_codes,
        "claims": _purge_claims,
        "shadows": _purge_shadows,
        "factors": _purge_factors,
        "events": _purge_events,
        "slots": _purge_slots,
        "unconfirmed": _cancel_unconfirmed,
        "requests": _purge_requests,
    }
    cleared, failures = {}, []
    for name, step in steps.items():
        try:
            cleared[name] = _in_batches(step, batch_size, now)
        except Exception as error:  # one kind that cannot be cleared keeps no other
            about = {"event": "housekeeping_failed", "kind": name, "error": type(error).__name__}
            logger.exception("The %s could not be cleared away", name, extra=about)
            failures.append(error)
    if failures:
        raise failures[0]
    return cleared


def _in_batches(step: Callable[[int, datetime], int], size: int, now: datetime) -> int:
    def batch() -> int:
        begin_writing(AccountEvent)
        return step(size, now)

    total = 0
    while done := atomically(batch):
        total += done
    return total


def _purge_leftovers(size: int, now: datetime) -> int:
    """Forget what a code for somebody has written that was asked for while their erasure was under way."""
    completed = AccountDeletionRequest.objects.filter(status=DeletionStatus.COMPLETED)
    recently = completed.filter(completed_at__gt=now - AFTERMATH).values("customer")
    addressed = OutboxMessage.objects.filter(customer__in=recently).exclude(destination="")
    codes = list(OtpVerification.objects.filter(customer__in=recently).values_list("pk", flat=True)[:size])
    return kept.delete_free_messages(addressed, size, now=now) + kept.delete_codes(codes, now=now)


def _purge_messages(size: int, now: datetime) -> int:
    over = [state for state in OutboxState if state != OutboxState.QUEUED]
    old = OutboxMessage.objects.filter(state__in=over, next_attempt_at__lt=now - OUTBOX_RETENTION)
    return kept.delete_free_messages(old.order_by("next_attempt_at"), size, now=now)


def _purge_codes(size: int, now: datetime) -> int:
    expired = OtpVerification.objects.filter(expires_at__lt=now)  # in both: where the index ends
    old = expired.filter(expires_at__lt=now - AFTERMATH)
    # Of addresses that no account holds: nothing would clear them away if somebody had one and left.
    nobodys = expired.filter(customer=None).exclude(destination="").exclude(grant_until__gt=now)
    ids = list((old | nobodys).order_by("expires_at").values_list("pk", flat=True)[:size])
    return kept.delete_codes(ids, now=now)


def _purge_factors(size: int, now: datetime) -> int:
    unused = SecondFactor.objects.filter(enabled_key=None)  # neither status has one, and it is indexed
    given_up = Q(status=FactorStatus.PENDING, created_at__lt=now - AFTERMATH)
    forgotten = Q(status=FactorStatus.DISABLED, updated_at__lt=now - timedelta(days=config().retention_days))
    over = unused.filter(given_up | forgotten)
    # Asked again in the DELETE: a pending one may come into force meanwhile.
    return over.filter(pk__in=list(over.values_list("pk", flat=True)[:size])).delete()[0]


def _purge_events(size: int, now: datetime) -> int:
    old = AccountEvent.objects.filter(created_at__lt=now - timedelta(days=config().retention_days))
    return _delete(old.order_by("created_at"), size)


def _purge_slots(size: int, now: datetime) -> int:
    """Delete throttles that hold nobody back, and are older than any code that a new one would replace."""
    chosen = config()
    throttles = (chosen.email_verification, chosen.phone_verification, chosen.password_reset, chosen.two_step_login)
    longest = max(
        *(timedelta(seconds=each.resend_throttle_seconds) for each in throttles),
        timedelta(minutes=chosen.password_reset.expiry_minutes),
        timedelta(minutes=chosen.otp.expiry_minutes),
        timedelta(seconds=chosen.second_factor.challenge_seconds),
    )
    return _delete(SendSlot.objects.filter(last_sent_at__lt=now - longest - AFTERMATH).order_by("last_sent_at"), size)


def _cancel_unconfirmed(size: int, now: datetime) -> int:
    stale = AccountDeletionRequest.objects.filter(status=DeletionStatus.PENDING, created_at__lt=now - AFTERMATH)
    ids = list(locked(stale.values_list("pk", flat=True))[:size])
    requests = AccountDeletionRequest.objects.filter(pk__in=ids)
    requests.close(DeletionStatus.CANCELLED, cancelled_at=now, **erasure.NO_WORDS)
    AccountEvent.objects.bulk_create(
        AccountEvent(
            kind=EventKind.DELETION_CANCELLED,
            customer_id=customer,
            customer_ref=ref,
            detail={"lapsed": True},
            created_at=now,
        )
        for customer, ref in requests.values_list("customer", "customer_ref")
    )
    return len(ids)


def _purge_requests(size: int, now: datetime) -> int:
    over = (DeletionStatus.CANCELLED, DeletionStatus.COMPLETED)
    old = AccountDeletionRequest.objects.filter(
        status__in=over, created_at__lt=now - timedelta(days=config().retention_days)
    )
    return _delete(old.order_by("created_at"), size)


def _purge_claims(size: int, now: datetime) -> int:
    """Clear away sign-ups that were never proven, and rows that gave their contacts up to somebody else.

    By ``claim_expires_at``, never by age (decision 8). A row that the project's own tables refer to stays, with nothing
    in it and never looked at again; so a cart of the project's is not deleted with its guest.
    """
    if not config().registration.require_verification:
        return 0
    cutoff = now - timedelta(days=config().registration.purge_unverified_days)
    lapsed = Customer.objects.filter(
        claim_expires_at__lt=cutoff, email_verified_at=None, phone_verified_at=None, deletion_scheduled_at=None
    )
    rows = list(locked(lapsed.order_by("claim_expires_at").values_list("pk", "user"))[:size])
    staff = staff_among([user_id for _, user_id in rows])
    gone = [Account(customer_id, user_id) for customer_id, user_id in rows if user_id not in staff]
    Customer.objects.filter(user__in=staff).update(claim_expires_at=None, shadow_email=None, shadow_phone=None)
    erasure.forget_traces(gone, now=now)
    kept = _referred_to([account.customer_id for account in gone])
    try:
        with transaction.atomic():
            erasure.delete([account for account in gone if account.customer_id not in kept])
    except Exception as error:  # a receiver of the project's, or a reference that only the database knows
        if isinstance(error, OperationalError):
            raise
        reason = type(error).__name__
        about = {"event": "claims_emptied", "error": reason}
        logger.warning("Lapsed claims could not be deleted, and were emptied: %s", reason, extra=about)
        kept = {account.customer_id for account in gone}
    erasure.anonymize([account for account in gone if account.customer_id in kept], now=now)
    return len(rows)


def _purge_shadows(size: int, now: datetime) -> int:
    """Forget contacts that somebody signed up with while others held them; once the claim is over none is shown."""
    cleared = 0
    for field in map(shadow_field, IdentifierKind):
        over = Customer.objects.filter(claim_expires_at__lt=now).exclude(**{field: None})
        ids = list(over.values_list("pk", flat=True)[:size])
        cleared += Customer.objects.filter(pk__in=ids).update(**{field: None})
    return cleared


def _referred_to(customer_ids: list[str]) -> set[str]:
    """Return the ids of the customers that rows of other apps refer to, by customer or by user."""
    referred = Q()
    for model, key in ((Customer, "pk"), (get_user_model(), "user")):
        for relation in foreign_relations(model):
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__pk": OuterRef(key)})
            referred |= Q(Exists(rows))
    if not referred:
        return set()
    return set(Customer.objects.filter(referred, pk__in=customer_ids).values_list("pk", flat=True))


def _delete(rows: QuerySet[Any], size: int) -> int:
    model: type[Model] = rows.model
    ids = list(rows.values_list("pk", flat=True)[:size])
    return model._base_manager.filter(pk__in=ids).delete()[0]
