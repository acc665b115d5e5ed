"""Keep the account after all: with a code, which works while login is blocked, or because staff or an undo says so."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from customer_registration import signals
from customer_registration.enums import DeletionStatus, EventKind, Purpose
from customer_registration.exceptions import InvalidCode, Throttled
from customer_registration.flows import challenges, proving
from customer_registration.flows.challenges import Challenge, Dispatch
from customer_registration.flows.client import Client
from customer_registration.flows.deletion import messages
from customer_registration.flows.deletion.requests import FAMILY
from customer_registration.flows.verification import channel_of, options
from customer_registration.identifiers import Identifier
from customer_registration.messaging import queue
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from customer_registration.models.integrity import atomically, locked
from customer_registration.tokens import CodeToken

PURPOSE = Purpose.ACCOUNT_DELETION_CANCEL


class NothingToCancel(Exception):
    """The customer has no open request."""


def request(identifier: Identifier, *, client: Client) -> Challenge:
    """Send a code to the identifier; for people who are not leaving, or do not exist, seem to.

    Anybody may ask for anybody's, so a newer code leaves the older ones alive and starts with no guesses of theirs: a
    stranger can neither kill the code that its owner holds, nor learn from the guesses that are left who is leaving.
    The cap of the family stands above them all.

    Raises:
        ChannelUnavailable: nothing can be sent to this kind of contact.
        Throttled: inside the resend throttle, or past a sending limit, alike for everybody.
        LimiterUnavailable: the limiter's store is down.
    """
    now, kind = timezone.now(), identifier.kind
    leaving = Exists(AccountDeletionRequest.objects.filter(active_customer_id=OuterRef("pk")))
    found = Customer.objects.identified_by(identifier).filter(leaving).first()
    known = found if found is not None and found.may_come_in_by(kind) else None
    dispatch = Dispatch(
        purpose=PURPOSE,
        slot=PURPOSE,
        channel=channel_of(kind),
        throttle=timedelta(seconds=options(kind).resend_throttle_seconds),
        # Not on `code_send`: a stranger would use up what the owner has for other codes.
        limits={"account_deletion": identifier.value},
    )

    def write() -> OtpVerification:
        # Held, so that no erasure comes between and leaves the address behind in a code and a message.
        still_open = _held(known.pk if known else "") is not None
        return challenges.issue(
            dispatch,
            asked_for=identifier.value,
            customer=known if still_open else None,
            destination=identifier if still_open else None,
            client=client,
            now=now,
        )

    row = atomically(write)
    token = CodeToken(row_id=row.pk, purpose=PURPOSE, person=challenges.person_of(identifier.value, ""))
    return Challenge(token.sign(now=now, expires_at=row.expires_at), row.expires_at)


def confirm(token: str, *, code: str) -> AccountDeletionRequest:
    """Cancel the deletion with the code that was sent; sessions stay ended, and logging in works again.

    Raises:
        InvalidToken: the flow token is forged, foreign or too old.
        InvalidCode, CodeExpired, CodeAttemptsExceeded: as `proving.prove` says; the first one too if the erasure was
            quicker.
        Throttled: the request is held this moment; the code stays good.
        LimiterUnavailable: the limiter's store is down.
    """
    named, now = CodeToken.read(token, PURPOSE), timezone.now()
    return proving.prove(named.row_id, typed=code, family=FAMILY, person=named.person, effect=_cancel(now=now), now=now)


def withdraw(customer: Customer, *, now: datetime, **detail: str) -> AccountDeletionRequest:
    """Close a customer's open request and let them log in again, in the caller's transaction.

    Args:
        customer: whose account stays.
        now: the time of the flow.
        detail: for the audit event.

    Raises:
        NothingToCancel: there is no open request.
        Throttled: somebody else is at it this moment: a reminder, or its erasure.
    """
    request = _held(customer.pk)
    if request is None:
        if AccountDeletionRequest.objects.filter(active_customer_id=customer.pk).exists():
            raise Throttled(1)
        raise NothingToCancel
    AccountDeletionRequest.objects.filter(pk=request.pk).close(DeletionStatus.CANCELLED, cancelled_at=now)
    Customer.objects.filter(pk=customer.pk).update(deletion_scheduled_at=None, updated_at=now)
    request.refresh_from_db()
    customer.deletion_scheduled_at = None
    queue(*messages.cancelled(request, customer, now=now))
    AccountEvent.of(EventKind.DELETION_CANCELLED, customer, contact=None, **detail).save(force_insert=True)
    signals.send_on_commit(signals.account_deletion_cancelled, Customer, customer=customer, request=request)
    return request


def _held(customer_id: str) -> AccountDeletionRequest | None:
    """Lock and return a customer's open request; ``None`` if there is none, or somebody else is at it."""
    return locked(AccountDeletionRequest.objects.filter(active_customer_id=customer_id)).first()


def _cancel(*, now: datetime) -> Callable[[OtpVerification], AccountDeletionRequest]:
    def effect(row: OtpVerification) -> AccountDeletionRequest:
        if row.customer is None or not row.customer.is_active:
            raise InvalidCode(attempts_remaining=0)
        try:
            return withdraw(row.customer, now=now)
        except NothingToCancel as error:
            raise InvalidCode(attempts_remaining=0) from error

    return effect
