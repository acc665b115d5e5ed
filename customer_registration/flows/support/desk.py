"""What staff may do for a customer: send a code again, start a password reset, end sessions, unlock; each audited.

What is sent goes to the customer alone, in their language: nobody at the desk sees a code or a link. The limits and
throttles of the person count, those of addresses do not: a desk helps many people from one.
"""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from customer_registration import ratelimits
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind
from customer_registration.exceptions import (
    AccountInactive,
    AlreadyVerified,
    ChannelUnavailable,
    ProviderNotAllowed,
    StaffAccount,
    Throttled,
)
from customer_registration.flows import challenges, password_reset, sessions, unlocking, verification
from customer_registration.flows.client import Client
from customer_registration.flows.providers import PROVIDER_OF, kinds_of
from customer_registration.identifiers import Identifier
from customer_registration.messaging import compose, queue
from customer_registration.models import AccountEvent, Customer, OtpVerification, SendSlot
from customer_registration.models.integrity import atomically

__all__ = ["end_sessions", "send_code", "start_reset", "unlock", "waiting"]

AT_THE_DESK = Client()


def waiting(customer: Customer) -> list[Identifier]:
    """Return the contacts of a customer that wait for their proof, and can still be proven.

    Args:
        customer: with the user loaded.
    """
    now = timezone.now()
    held = filter(None, map(customer.contact, IdentifierKind))
    unproven = [contact for contact in held if not customer.has_verified(contact.kind)]
    return [contact for contact in unproven if not customer.claim_is_over(contact.kind, now=now)]


def send_code(customer: Customer, *, by: Any) -> Identifier:
    """Send a code to the first contact that waits for its proof; return where it went.

    A code that is under way is sent once more, so that the page which asks the customer for it goes on working. Where
    there is none, a link is sent, which verifies by itself; a new code would be of no use without a page.

    Args:
        customer: with the user loaded.
        by: the staff user.

    Raises:
        StaffAccount: staff are not customers (decision 10).
        AccountInactive: the user was deactivated, or the account is erased.
        AlreadyVerified: nothing waits for its proof.
        ChannelUnavailable: nothing can be sent to a contact of this kind.
        Throttled: inside the resend throttle, or past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    _refuse(customer)
    contact = next(iter(waiting(customer)), None)
    if contact is None:
        raise AlreadyVerified
    kind, now = contact.kind, timezone.now()
    channel = verification.channel_of(kind)
    underway = OtpVerification.objects.live(now).filter(
        customer=customer, purpose=verification.CODE[kind], destination=contact.value, channel=channel
    )
    row = next((row for row in underway.order_by("-pk") if row.attempts_remaining), None)

    def again() -> None:
        assert row is not None  # noqa: S101  # nosec B101  # for the type checker
        slot = challenges.slot_key(row.purpose, customer.pk)
        message = compose(
            row.purpose, channel=channel, destination=contact.value, customer=customer, otp=row, context={}, now=now
        )
        SendSlot.objects.holding(slot, lambda _: queue(message), throttle=verification.throttle_of(kind), now=now)

    def anew() -> None:
        links = config().storefront_url is not None
        purpose = (verification.LINK if links else verification.CODE)[kind]
        older = challenges.older_code(customer.pk, purpose, now=now)
        verification.issue(purpose, customer.pk, customer, kind, older=older, client=AT_THE_DESK, now=now)

    event = AccountEvent.of(EventKind.CODE_SENT_BY_STAFF, customer, contact=kind, by=str(by.pk))
    if row is None:
        _audited(anew, event)
        return contact
    hits = ratelimits.hit("code_send", ip=None, key=contact.value)
    try:
        _audited(again, event)
    except (Throttled, DatabaseError):
        hits.give_back()  # nothing was sent
        raise
    return contact


def start_reset(customer: Customer, *, by: Any) -> Identifier:
    """Send the customer a link to set a new password; return where it went. The password stays until they do.

    Args:
        customer: with the user loaded.
        by: the staff user.

    Raises:
        StaffAccount, AccountInactive, Throttled, LimiterUnavailable: as `send_code` says.
        ChannelUnavailable: no contact of theirs logs in with a password, or may be used to come in.
    """
    _refuse(customer)
    contact = next(filter(None, map(customer.contact, _ways_in(customer))), None)
    if contact is None:
        raise ChannelUnavailable
    event = AccountEvent.of(EventKind.RESET_SENT_BY_STAFF, customer, contact=contact.kind, by=str(by.pk))
    provider = PROVIDER_OF[contact.kind]
    _audited(lambda: password_reset.send(contact, customer, provider=provider, client=AT_THE_DESK), event)
    return contact


def end_sessions(customer: Customer, *, by: Any) -> None:
    """End every session of a customer, on whatever device.

    Args:
        customer: with the user loaded.
        by: the staff user.

    Raises:
        StaffAccount: staff are not customers.
    """
    if customer.is_staff:
        raise StaffAccount
    sessions.end_all_of(customer, by=str(by.pk))


def unlock(customer: Customer, *, by: Any) -> None:
    """Give a customer their guesses and sends anew, as `unlocking.unlock` says.

    Args:
        customer: with the user loaded.
        by: the staff user.

    Raises:
        StaffAccount: staff are not customers.
        LimiterUnavailable: the limiter's store is down.
    """
    if customer.is_staff:
        raise StaffAccount
    unlocking.unlock(customer, by=str(by.pk))


def _refuse(customer: Customer) -> None:
    if customer.is_staff:
        raise StaffAccount
    if not customer.is_active:
        raise AccountInactive


def _ways_in(customer: Customer) -> list[IdentifierKind]:
    """Return the kinds of contact that a reset may go to, proven ones first."""
    mode = config().login_mode
    kinds = [kind for kind in IdentifierKind if kind in _resettable(kind, mode) and customer.may_come_in_by(kind)]
    return sorted(kinds, key=lambda kind: not customer.has_verified(kind))


def _resettable(kind: IdentifierKind, mode: str) -> tuple[IdentifierKind, ...]:
    try:
        return kinds_of("customer", PROVIDER_OF[kind], mode=mode)
    except ProviderNotAllowed:
        return ()


def _audited(work: Callable[[], Any], event: AccountEvent) -> None:
    """Do it and write down who did, both or neither."""

    def write() -> None:
        work()
        event.pk = None  # of a try that was given up
        event.save(force_insert=True)

    atomically(write)
