"""Deliver a message of the outbox: claim, send, and on failure back off, then fall back to the next backend."""

import logging
import time
from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation

from customer_registration import languages
from customer_registration.conf import config
from customer_registration.enums import OutboxState, Outcome, Purpose
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.identifiers import country_of, is_number, mask, redact
from customer_registration.messaging import attempts, sms_guard
from customer_registration.messaging.backends.base import DeliveryError
from customer_registration.messaging.channels import backend_at
from customer_registration.messaging.content import render, secrets_of
from customer_registration.messaging.failures import outcome_of
from customer_registration.models import OutboxMessage

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # longer than a backend with a time-out takes
TRIES_PER_BACKEND = 3
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
LIFETIME = timedelta(days=1)  # of a message that carries no code
LAST_WORDS = "account_erased"  # the kind of the message to somebody who is gone: nothing of it stays
HELD_BACK = "Held back: "
NO_COUNTERS = "the limiter's store is down"
PATIENCE = timedelta(seconds=30)  # until it may be up again
EXPIRED = "The code had expired, or was used or replaced, before it could be sent."


def deliver(message_id: int) -> bool:
    """Deliver one message if it is due and nobody else is at it; return whether it was sent.

    Never raises for a failing backend: the row says why, and when it is tried again.

    Args:
        message_id: the primary key of its row.
    """
    now = timezone.now()
    if not OutboxMessage.objects.claim(message_id, now=now, lease=LEASE):
        return False
    [message] = OutboxMessage.objects.read([message_id])
    if not hand_over(message, now=now):
        return False
    close_sent(message, now=now)
    sms_guard.note_sent(message, now=now)
    return True


def hand_over(message: OutboxMessage, *, now: datetime) -> bool:
    """Hand a message that is held to its backend; return whether that took it, and the caller has to close it.

    Where it was not handed over, the row says why.
    """
    if not _worth_sending(message, now=now):
        _finish(message, state=OutboxState.FAILED, outcome=Outcome.TOO_LATE, error=EXPIRED)
        attempts.note(logger, message, attempts.TOO_LATE)
        return False
    began = time.perf_counter()
    try:
        if not _handed_over_before(message) and (refusal := sms_guard.admit(message, now=now)):
            _hold_back(message, refusal, now=now)
            return False
        with translation.override(languages.supported(message.language) or settings.LANGUAGE_CODE):
            text = render(message)
            began = time.perf_counter()
            backend_at(message.channel, _position(message)).send(text)
    except LimiterUnavailable:
        no_counters = sms_guard.Refusal(Outcome.HELD_COUNTERS, NO_COUNTERS)
        _wait(message, no_counters, until=now + PATIENCE, or_else=OutboxState.FAILED)
        attempts.note(logger, message, attempts.HELD_BACK, NO_COUNTERS)
        return False
    except Exception as error:  # a host's backend may raise anything, and no message may be lost for it
        seconds = time.perf_counter() - began
        name, tried = type(error).__name__, message.tries
        outcome = attempts.FAILED if _retry(message, error, now=now) else attempts.GIVEN_UP
        backend = _backend_name(message)
        attempts.note(logger, message, outcome, tried, name, backend=backend, seconds=seconds, error=name)
        return False
    seconds = time.perf_counter() - began
    attempts.note(logger, message, attempts.DELIVERED, backend=_backend_name(message), seconds=seconds)
    return True


def close_sent(*messages: OutboxMessage, now: datetime) -> None:
    """Close messages that backends have taken; then the guard is to be told of each."""
    _finish(*messages, state=OutboxState.SENT, sent_at=now)


def _worth_sending(message: OutboxMessage, *, now: datetime) -> bool:
    otp = message.otp
    if otp is None:
        return message.kind not in Purpose  # a code or link whose row has been cleared away
    return otp.consumed_at is None and otp.expires_at > now


def _handed_over_before(message: OutboxMessage) -> bool:
    """Whether a backend has had the message and failed, so that the guard has counted it.

    A message counts once, at its first hand-over. What follows is the same message: were each try counted, a provider
    that is down for ten minutes would use up the budget of an hour, and the people after it would go without. A try
    whose worker was killed may have sent it, and leaves no error: the next one counts again, as it may cost again.
    """
    return message.tries > 1 and bool(message.last_error) and not message.last_error.startswith(HELD_BACK)


def _hold_back(message: OutboxMessage, refusal: sms_guard.Refusal, *, now: datetime) -> None:
    """Suppress a code that the guard refuses; what tells of a change waits until it may go out.

    A code is asked for anew sooner than it is worth waiting for. But whoever uses up a budget must not keep the owner
    of an account from hearing what becomes of it.
    """
    attempts.note(logger, message, attempts.HELD_BACK, refusal.reason)
    may_wait = message.otp is None or message.kind == Purpose.CONTACT_UNDO
    if refusal.seconds is not None and may_wait:
        until = now + timedelta(seconds=refusal.seconds)
        _wait(message, refusal, until=until, or_else=OutboxState.SUPPRESSED)
    else:
        _finish(message, state=OutboxState.SUPPRESSED, outcome=refusal.outcome, error=HELD_BACK + refusal.reason)


def _wait(message: OutboxMessage, refusal: sms_guard.Refusal, *, until: datetime, or_else: OutboxState) -> None:
    """Try a message again later, with this try given back; give it up if that would be too late."""
    reason = HELD_BACK + refusal.reason
    if until >= _deadline(message):
        _finish(message, state=or_else, outcome=refusal.outcome, error=reason)
        return
    OutboxMessage.objects.filter(pk=message.pk, state=OutboxState.QUEUED).update(
        next_attempt_at=until, tries=message.tries - 1, last_error=reason
    )


def _deadline(message: OutboxMessage) -> datetime:
    return message.otp.expires_at if message.otp else message.created_at + LIFETIME


def _position(message: OutboxMessage) -> int:
    """Return which of the channel's backends has its turn: each has three tries, the last one all that follow."""
    last = max(0, len(config().channels.get(message.channel, ())) - 1)
    return min((message.tries - 1) // TRIES_PER_BACKEND, last)


def _backend_name(message: OutboxMessage) -> str:
    names = config().channels.get(message.channel) or ("",)
    return str(names[_position(message)])


def _retry(message: OutboxMessage, error: Exception, *, now: datetime) -> bool:
    """Write down when a message is tried again, and by whom; return whether it is."""
    reason = reason_of(error, message)
    position, tries = _position(message), message.tries
    pause = BACK_OFF[min(tries - position * TRIES_PER_BACKEND, len(BACK_OFF)) - 1]
    if isinstance(error, DeliveryError):
        asked_for = timedelta(seconds=error.retry_after)
        is_last = (position + 1) == len(config().channels[message.channel])
        if is_last and error.permanent:
            _finish(message, state=OutboxState.FAILED, outcome=outcome_of(error), error=reason)
            return False
        if error.permanent or (asked_for > pause and not is_last):
            # No use in asking this backend again: count its tries as used, so that the next one is asked at once.
            pause, tries = timedelta(0), (position + 1) * TRIES_PER_BACKEND
        else:
            pause = max(pause, asked_for)
    if now + pause >= _deadline(message):
        _finish(message, state=OutboxState.FAILED, outcome=outcome_of(error), error=reason)
        return False
    OutboxMessage.objects.filter(pk=message.pk, state=OutboxState.QUEUED).update(
        next_attempt_at=now + pause, tries=tries, last_error=reason
    )
    return True


def _finish(
    *messages: OutboxMessage,
    state: OutboxState,
    sent_at: datetime | None = None,
    outcome: Outcome | None = None,
    error: str = "",
) -> None:
    """Close messages, in one statement for each country; ``outcome`` says why they were not delivered."""
    alike: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for message in messages:
        country = country_of(message.destination) if is_number(message.destination) else ""
        alike[country, _leaves_no_trace(message)].append(message.pk)
    for (country, is_forgotten), ids in alike.items():
        forgotten = {"destination": "", "context": {}} if is_forgotten else {}
        OutboxMessage.objects.filter(pk__in=ids).update(
            state=state, sent_at=sent_at, last_error=error, outcome=outcome or "", country=country, **forgotten
        )


def _leaves_no_trace(message: OutboxMessage) -> bool:
    """Whether nothing may stay of whom a message went to: no account is there whose erasure would clear it away."""
    return message.kind == LAST_WORDS or message.customer_id is None


def reason_of(error: Exception, message: OutboxMessage) -> str:
    """Return why a message was not handed over: the error's class, and its text as staff may read it."""
    return f"{type(error).__name__}: {_redacted(str(error), message)}"[:500]


def _redacted(said: str, message: OutboxMessage) -> str:
    """Return an error's text as the row may keep it, for staff to read.

    Mail servers repeat the address in their refusals, and the row outlives the person's right to be forgotten; what a
    provider's library raises may hold the whole request, and a live code or link in it.
    """
    secrets: list[str] = []
    if message.otp is not None:
        try:
            secrets = [secret for secret in secrets_of(message.otp).values() if secret]
        except ValueError:  # it may be this that failed: a STOREFRONT_URL that is none
            return "The message could not be made."
    for secret in sorted(secrets, key=len, reverse=True):
        said = said.replace(secret, "***")
    shown = "***" if _leaves_no_trace(message) else mask(message.destination)
    return redact(said, message.destination, shown=shown)
