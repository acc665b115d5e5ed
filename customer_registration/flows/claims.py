"""Unproven claims on a contact lapse, so that nobody can keep the true owner out (attack B1)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from customer_registration import signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.exceptions import CustomerExists
from customer_registration.identifiers import Identifier
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.integrity import StaleSnapshot, violates_unique
from customer_registration.models.lookups import customer_by_contact
from customer_registration.users import user_adapter


def lapsed(holder: Customer, kind: IdentifierKind, *, now: datetime) -> bool:
    """Whether somebody else may claim the contact; never while unproven contacts log in like proven ones."""
    return config().registration.require_verification and holder.claim_lapsed(kind, now=now)


def shown(customer: Customer, kind: IdentifierKind, *, now: datetime) -> Identifier | None:
    """Return the contact that a person sees as theirs, held or a shadow; ``None`` once their claim on it is over."""
    return None if customer.claim_is_over(kind, now=now) else customer.claimed(kind)


def signed_up_in_vain(customer: Customer, *, now: datetime) -> bool:
    """Whether a sign-up has ended by itself: nothing was proven while its claim lasted, and accounts are concealed."""
    return all(customer.claim_is_over(kind, now=now) for kind in IdentifierKind)


def time_left(customer: Customer, kind: IdentifierKind, *, now: datetime) -> timedelta | None:
    """Return how long a claim goes on, where its end is the end of all that came of it; else ``None``."""
    ends = customer.claim_expires_at
    return ends - now if config().conceals_accounts and ends and not customer.has_verified(kind) else None


def release(holder: Customer, kind: IdentifierKind, *, now: datetime, fresh: bool = False) -> AccountEvent | None:
    """Take a lapsed contact off its holder, in the caller's transaction; with ``fresh``, any unproven one.

    A row left with no proven contact is closed: no contacts, no password, every token and code dead; its id stays for
    the host's foreign keys. A row with another proven contact loses this one and the codes for it, and nothing else:
    anybody can claim a lapsed contact, and that must not log a stranger out.

    Returns:
        The audit event, to be saved by the caller with its own; ``None`` if the contact was proven meanwhile, or is
        that of staff (decision 10).
    """
    if holder.is_staff:
        return None
    event = AccountEvent.of(EventKind.CLAIM_LAPSED, holder, contact=kind)
    keeps_another = holder.keeps_a_proven_contact_without(kind)
    codes = OtpVerification.objects.all()
    if config().conceals_accounts:
        # The claim's codes have expired with it, and say so, as those of a shadow do; and those of a contact change,
        # which prove the mailbox whoever claims it, go on, as the decoys do that change to a held one.
        codes = OtpVerification.objects.usable(now).exclude(purpose__in=(Purpose.EMAIL_CHANGE, Purpose.PHONE_CHANGE))
    # Codes before the customer, the order in which verification locks them, so that the two cannot deadlock.
    if keeps_another:
        codes.retire_codes(holder.pk, now=now, sent_to=getattr(holder, kind.value))
    else:
        codes.retire_all(holder.pk, now=now)
    if not Customer.objects.release_claim(holder, kind, now=now, fresh=fresh):
        return None
    if holder.user is not None:  # or the project has deleted it, and kept the customer
        if keeps_another:
            user_adapter().release_contact(holder.user, kind)
        else:
            user_adapter().close(holder.user)
    signals.send_on_commit(signals.claim_lapsed, Customer, customer_id=holder.pk, kind=kind.value)
    return event


def rehearse_release(*, now: datetime) -> None:
    """Cost the statements of a `release`, and change nothing: nobody shall tell by them whether a claim had lapsed."""
    OtpVerification.objects.retire_all("", now=now)
    Customer.objects.raise_epoch("", now=now)
    Customer.objects.raise_epoch("", now=now)  # for that of the user


def free(identifier: Identifier, *, now: datetime, fresh: bool = False) -> AccountEvent | None:
    """Make sure that nobody holds an identifier, in the caller's transaction; a lapsed claim gives way.

    Args:
        identifier: canonical.
        now: the time of the flow.
        fresh: a claim that is still running gives way too.

    Returns:
        The audit event of a claim that gave way, to be saved by the caller.

    Raises:
        CustomerExists: somebody holds it.
    """
    holder = customer_by_contact(identifier)
    if holder is None:
        return None
    gives_way = fresh or lapsed(holder, identifier.kind, now=now)
    released = release(holder, identifier.kind, now=now, fresh=fresh) if gives_way else None
    if released is None:
        raise CustomerExists(identifier.kind)
    return released


def take(
    write: Callable[[], Customer], identifier: Identifier, *, now: datetime, fresh: bool = False
) -> tuple[Customer, AccountEvent | None]:
    """Write an identifier that a claim may hold; the claim gives way, as in `free`.

    Args:
        write: writes it, and fails where somebody holds it; is run again once nobody does.
        identifier: what is written.
        now: the time of the flow.
        fresh: as in `free`.

    Returns:
        The customer as written, and the event of a claim that gave way.

    Raises:
        CustomerExists: somebody holds it with a better right.
        StaleSnapshot: somebody was quicker, whom this transaction does not see; `atomically` begins anew.
    """
    try:
        with transaction.atomic():
            return write(), None
    except IntegrityError as error:
        if taken(error) is None:
            raise
    released = free(identifier, now=now, fresh=fresh)
    try:
        with transaction.atomic():
            return write(), released
    except IntegrityError as error:
        raise StaleSnapshot from error


def copy_to_user(customer: Customer, identifier: Identifier) -> None:
    """Save an identifier on the Django user too, where its model has a field for it.

    Raises:
        CustomerExists: another user has it.
    """
    try:
        with transaction.atomic():
            user_adapter().set_contact(customer.user, identifier)
    except IntegrityError as error:
        raise CustomerExists(identifier.kind) from error


def taken(error: IntegrityError) -> IdentifierKind | None:
    """Return which identifier ``error`` says that another customer holds; ``None`` if it is about something else."""
    return next((kind for kind in IdentifierKind if violates_unique(error, Customer, kind.value)), None)
