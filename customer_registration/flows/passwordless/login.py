"""Log a customer in with a code alone."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from customer_registration import ratelimits, signals
from customer_registration.actors import CUSTOMER
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind, Provider, Purpose
from customer_registration.exceptions import AccountDeletionPending, InvalidOtp, NotFound
from customer_registration.flows import first_proof, gates, passwords, roads, verification
from customer_registration.flows.client import Client
from customer_registration.flows.login import open_the_way_back
from customer_registration.flows.passwordless import open_codes
from customer_registration.flows.passwordless.admission import ask_backends
from customer_registration.flows.passwordless.open_codes import Address, Brought
from customer_registration.flows.second_factor import challenges as second_step
from customer_registration.identifiers import Identifier
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.lookups import customer_by_contact

PURPOSE = Purpose.CODE_LOGIN
GRANTED = Purpose.CODE_REGISTRATION


def generate(identifier: Identifier, *, kinds: tuple[IdentifierKind, ...], client: Client) -> str:
    """Send a code to log in with to an identifier, or seem to; return the flow token.

    Args:
        identifier: canonical.
        kinds: of identifier that log in; another one is answered like a stranger's.
        client: who asks.

    Raises:
        NotFound: nobody can log in by it, and ``PASSWORDLESS.CONCEAL`` is off.
        ChannelUnavailable, Throttled, LimiterUnavailable: as `open_codes.send` says.
    """
    address, now, kind = Address(CUSTOMER, identifier), timezone.now(), identifier.kind
    customer = customer_by_contact(identifier)
    reachable = customer is not None and kind in kinds and customer.may_come_in_by(kind)
    if not reachable and not config().passwordless.conceal:
        open_codes.refuse_openly(address, client=client)
        raise NotFound
    return open_codes.send(address, PURPOSE, reachable=reachable, customer=customer, client=client, now=now)


def verify(
    brought: Brought,
    *,
    kinds: tuple[IdentifierKind, ...],
    caller: Callable[[], Customer | None],
    client: Client,
) -> tuple[Customer, gates.Grant]:
    """Log in with a code that was sent for it; return the customer and what they were granted.

    Args:
        brought: the code.
        kinds: of identifier that log in.
        caller: returns whom the request's bearer or cookie speaks for, if it has a live one.
        client: who asks.

    Raises:
        InvalidOtp: wrong, expired, used, unknown: one answer.
        CodeAttemptsExceeded: the person's family of codes has had all its guesses.
        Throttled, LimiterUnavailable: as every login.
        GateClosed: the code is right and a gate is closed.
    """
    now = timezone.now()
    rows = open_codes.sent_for(PURPOSE, now=now)
    return _log_in(brought, rows, kinds=kinds, caller=caller, client=client, now=now)


def log_in(
    brought: Brought,
    *,
    kinds: tuple[IdentifierKind, ...],
    caller: Callable[[], Customer | None],
    client: Client,
) -> tuple[Customer, gates.Grant]:
    """Log in with the code that has just registered the person, once within a minute, or with one sent for a login.

    Args, raises: as `verify`.
    """
    now = timezone.now()
    return _log_in(brought, open_codes.that_log_in(now=now), kinds=kinds, caller=caller, client=client, now=now)


@roads.told(roads.CODE)
def _log_in(
    brought: Brought,
    rows: "QuerySet[OtpVerification]",
    *,
    kinds: tuple[IdentifierKind, ...],
    caller: Callable[[], Customer | None],
    client: Client,
    now: datetime,
) -> tuple[Customer, gates.Grant]:
    ratelimits.hit("login", ip=client.ip)
    identifier = brought.address.identifier
    try:
        match = open_codes.match(brought, rows, purposes=(PURPOSE, GRANTED), now=now)
        found = _whose(match.row, identifier, kinds)
    except InvalidOtp:
        gates.announce_failure(identifier, client=client)
        raise
    ask_backends(found.user, identifier, client=client)
    settled = found.has_verified(identifier.kind) and (found.is_registered or match.row.grant_until is not None)
    own = None if settled else caller()
    strange = not settled and (own is None or own.pk != found.pk)
    takes_over = strange and not found.has_verified(identifier.kind)

    def effect(row: OtpVerification) -> Customer:
        if takes_over:
            return _take_over(found, identifier, now=now)
        if strange:
            return end_older_proofs(found, now=now)
        if not found.has_verified(identifier.kind) and not verification.prove_contact(found, identifier, now=now):
            raise InvalidOtp
        return found

    customer = open_codes.use(match, effect, now=now, consumed_by_effect=takes_over)
    try:
        grant = second_step.admit(customer, provider=Provider.OTP, proven=identifier.kind, client=client, now=now)
    except AccountDeletionPending:
        open_the_way_back(identifier, customer)
        raise
    if customer.is_registered and grant.verify_first is None and grant.challenge is None:
        gates.announce_login(customer, client=client)
    return customer, grant


def end_older_proofs(identity: Customer, *, now: datetime) -> Customer:
    """End the registration tokens of an identity that never became a customer, in the caller's transaction.

    Whoever proved the contact long ago, and has kept a token alive since, may hold it no more.

    Raises:
        InvalidOtp: the identity was changed meanwhile.
    """
    written = Customer.objects.end_sessions(identity, now=now)
    if written is None:
        raise InvalidOtp
    return written


def _whose(row: OtpVerification, identifier: Identifier, kinds: tuple[IdentifierKind, ...]) -> Customer:
    customer, kind = row.customer, identifier.kind
    if customer is None or kind not in kinds or customer.contact(kind) != identifier:
        raise InvalidOtp
    if not customer.may_come_in_by(kind):
        raise InvalidOtp
    return customer


def _take_over(before: Customer, contact: Identifier, *, now: datetime) -> Customer:
    """Prove a contact for the first time: whatever a stranger may have set up on the account ends (decision 9).

    Race: the right code sent twice at once. It is used up with every other code of the account; of two requests one
    finds the epoch that it has read.

    Raises:
        InvalidOtp: the account was changed meanwhile.
    """
    # Codes before the customer, the order in which verification locks them, so that the two cannot deadlock.
    OtpVerification.objects.retire_codes(before.pk, now=now)
    strangers = first_proof.strangers_contacts(before, contact.kind)
    proof = {f"{contact.kind.value}_verified_at": now}
    unproven = Customer.objects.filter(**{contact.kind.value: contact.value, f"{contact.kind.value}_verified_at": None})
    customer = unproven.end_sessions(before, now=now, **proof, **first_proof.without(strangers))
    if customer is None or customer.user is None:
        raise InvalidOtp
    fields, events = first_proof.release(before, customer, strangers)
    if passwords.has_password(before):
        events.append(AccountEvent.of(EventKind.PASSWORD_DISCARDED, customer))
    customer.user.set_unusable_password()
    customer.user.save(update_fields=["password", *fields])
    events.append(AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=contact.kind))
    AccountEvent.objects.bulk_create(events)
    signals.send_on_commit(signals.contact_verified, Customer, customer=customer, kind=contact.kind.value)
    return customer
