"""Ask for an account's deletion, and confirm it with the code that was sent."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils import timezone

from customer_registration import languages, signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, Purpose
from customer_registration.exceptions import ChannelUnavailable, InvalidCode, StaffAccount, Throttled
from customer_registration.flows import challenges, proving
from customer_registration.flows.challenges import Challenge, Dispatch
from customer_registration.flows.client import Client
from customer_registration.flows.deletion import messages
from customer_registration.flows.verification import channel_of, options
from customer_registration.messaging import queue
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from customer_registration.models.account_deletion_request import next_reminder
from customer_registration.models.integrity import atomically
from customer_registration.tokens import CodeToken

FAMILY = "deletion"
PURPOSE = Purpose.ACCOUNT_DELETION_REQUEST


def request(customer: Customer, *, reason: str, client: Client) -> Challenge:
    """Send a code to the customer's proven e-mail, else phone; the request is pending until it comes back.

    Raises:
        StaffAccount: staff are not customers (decision 10).
        ChannelUnavailable: nothing can be sent to the customer.
        Throttled: inside the resend throttle, or past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    if customer.is_staff:
        raise StaffAccount
    now, contact = timezone.now(), customer.notice_contact
    if contact is None:
        raise ChannelUnavailable
    language = client.language or languages.supported(customer.language) or languages.active()
    asked = {"reason": reason, "ip": client.ip or "", "user_agent": client.user_agent, "language": language}

    def write() -> OtpVerification:
        row = challenges.issue(
            Dispatch(
                purpose=PURPOSE,
                slot=PURPOSE,
                channel=channel_of(contact.kind),
                throttle=timedelta(seconds=options(contact.kind).resend_throttle_seconds),
                limits={"account_deletion": customer.pk, "code_send": contact.value},
                language=language,
            ),
            asked_for=customer.pk,
            customer=customer,
            destination=contact,
            older=challenges.older_code(customer.pk, PURPOSE, now=now),
            find_older=lambda: challenges.older_code(customer.pk, PURPOSE, now=now),
            client=client,
            now=now,
        )
        try:
            AccountDeletionRequest.objects.ask(customer, now=now, **asked)
        except IntegrityError as error:  # another request of theirs was confirmed or written this very moment
            raise Throttled(1) from error
        AccountEvent.of(EventKind.DELETION_REQUESTED, customer).save(force_insert=True)
        return row

    row = atomically(write)
    token = CodeToken(row_id=row.pk, purpose=PURPOSE, person=challenges.person_of(contact.value, ""))
    return Challenge(token.sign(now=now, expires_at=row.expires_at), row.expires_at)


def confirm(token: str, *, code: str) -> AccountDeletionRequest:
    """Schedule the erasure with the code that was sent; every session ends at once, and contacts stay reserved.

    Raises:
        InvalidToken: the flow token is forged, foreign or too old.
        InvalidCode, CodeExpired, CodeAttemptsExceeded: as `proving.prove` says.
        StaffAccount: the customer has become staff since.
        LimiterUnavailable: the limiter's store is down.
    """
    named, now = CodeToken.read(token, PURPOSE), timezone.now()
    return proving.prove(
        named.row_id, typed=code, family=FAMILY, person=named.person, effect=_schedule(now=now), now=now
    )


def _schedule(*, now: datetime) -> Callable[[OtpVerification], AccountDeletionRequest]:
    def effect(row: OtpVerification) -> AccountDeletionRequest:
        before, chosen = row.customer, config().account_deletion_request
        if before is None or not before.is_active:
            raise InvalidCode(attempts_remaining=0)
        if before.is_staff:
            raise StaffAccount
        scheduled_at = now + timedelta(days=chosen.scheduled_days)
        # Codes before the customer, the order in which verification locks them.
        OtpVerification.objects.retire_codes(before.pk, now=now)
        customer = Customer.objects.end_sessions(before, now=now, deletion_scheduled_at=scheduled_at)
        reminder_at = next_reminder(scheduled_at, chosen.reminder_days, now=now)
        if customer is None or not AccountDeletionRequest.objects.confirm(
            customer, now=now, scheduled_at=scheduled_at, reminder_at=reminder_at
        ):
            raise InvalidCode(attempts_remaining=0)
        request = AccountDeletionRequest.objects.get(active_customer_id=customer.pk)
        queue(*messages.scheduled(request, customer, now=now))
        event = AccountEvent.of(EventKind.DELETION_SCHEDULED, customer, scheduled_at=scheduled_at.isoformat())
        event.save(force_insert=True)
        signals.send_on_commit(signals.account_deletion_scheduled, Customer, customer=customer, request=request)
        return request

    return effect
