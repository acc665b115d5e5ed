"""Set a new password with a link that was sent to a contact of the account."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from customer_registration import keys, ratelimits, signals
from customer_registration.conf import config
from customer_registration.enums import EventKind, IdentifierKind, Purpose
from customer_registration.exceptions import InvalidCode, InvalidToken, LimiterUnavailable, Throttled
from customer_registration.flows import challenges, claims, contact_undo, first_proof, passwords, proving
from customer_registration.flows.challenges import Dispatch, Older
from customer_registration.flows.client import Client
from customer_registration.flows.second_factor import proofs
from customer_registration.flows.verification import options
from customer_registration.identifiers import Identifier, kind_of
from customer_registration.models import AccountEvent, Customer, OtpVerification
from customer_registration.models.prepared import LookUp
from customer_registration.tokens import ResetToken, password_state_matches

PURPOSE = Purpose.PASSWORD_RESET
_known = {
    kind: LookUp(
        Customer,
        lambda value, kind=kind: challenges.with_unused_code(
            Customer.objects.identified_by(Identifier(kind, value)), PURPOSE
        ),
    )
    for kind in IdentifierKind
}


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A reset link that is still good: its row, whose it is, and the contact it came to."""

    row: OtpVerification
    customer: Customer
    contact: Identifier


def request(identifier: Identifier, *, provider: str, client: Client) -> None:
    """Send a reset link to the stored contact that ``identifier`` names; for people who do not exist, seem to.

    Inside the resend throttle, and past the sending limit of an identifier, nothing is sent and nothing is said.

    Args:
        identifier: canonical; `Identifier.nobody` for text that names no one or a kind that does not log in.
        provider: the token works at this provider alone.
        client: who asks.

    Raises:
        Throttled: too many requests from this address.
        LimiterUnavailable: the limiter's store is down.
    """
    now = timezone.now()
    found = _known[identifier.kind].first(identifier.value)
    customer = found if found is not None and found.may_come_in_by(identifier.kind) else None
    try:
        _issue(
            identifier,
            customer,
            older=challenges.older_of(customer, now=now),
            provider=provider,
            client=client,
            now=now,
        )
    except Throttled as throttled:
        if throttled.by_address:
            raise


def send(contact: Identifier, customer: Customer, *, provider: str, client: Client) -> None:
    """Send a reset link to a customer's own contact, which may be used to come in; whoever asks may know of them.

    Raises:
        Throttled: inside the resend throttle, or past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    now = timezone.now()
    older = challenges.older_code(customer.pk, PURPOSE, now=now)
    _issue(contact, customer, older=older, provider=provider, client=client, now=now)


def _issue(
    identifier: Identifier,
    customer: Customer | None,
    *,
    older: Older | None,
    provider: str,
    client: Client,
    now: datetime,
) -> None:
    chosen = config().password_reset
    challenges.issue(
        Dispatch(
            purpose=PURPOSE,
            slot=PURPOSE,
            channel=options(identifier.kind).channel,
            throttle=timedelta(seconds=chosen.resend_throttle_seconds),
            limits={"password_reset": identifier.value},
            lifetime=timedelta(minutes=chosen.expiry_minutes),
            payload={"provider": provider},
        ),
        asked_for=identifier.value,
        customer=customer,
        destination=identifier if customer else None,
        older=older,
        find_older=lambda: challenges.older_code(customer.pk, PURPOSE, now=now) if customer else None,
        client=client,
        now=now,
    )


def open_link(token: object, *, actor: str, provider: str) -> ResetLink:
    """Return the reset link that a token stands for, without using it up. One SELECT.

    Raises:
        InvalidToken: missing, forged, expired, used, superseded, made for another actor or provider, or older than the
            password, the contact or the account's standing.
    """
    named = ResetToken.read(token)
    if (named.actor_type, named.provider) != (actor, provider):
        raise InvalidToken
    now = timezone.now()
    newer = OtpVerification.objects.filter(customer=OuterRef("customer"), purpose=PURPOSE, pk__gt=OuterRef("pk"))
    live = OtpVerification.objects.live(now).filter(pk=named.row_id, purpose=PURPOSE)
    row = live.filter(~Exists(newer)).select_related("customer__user").first()
    customer = row.customer if row else None
    if row is None or customer is None or not password_state_matches(customer.user, named.password_state):
        raise InvalidToken
    contact = Identifier(kind_of(row.destination), row.destination)
    if customer.contact(contact.kind) != contact or not customer.may_come_in_by(contact.kind):
        raise InvalidToken
    return ResetLink(row, customer, contact)


def complete(
    link: ResetLink, *, password: str, claimed: Collection[Identifier] = (), client: Client | None = None
) -> None:
    """Set the new password. The contact that the link came to is proven by it; every session ends.

    Where it is the first proof of the account, a contact beside it that nobody proved is dropped.

    Args:
        link: from `open_link`.
        password: as typed.
        claimed: the identifiers that the request named besides; each must be the account's own.
        client: who has the link, so that the wrong passwords tried from there do not keep the new one waiting.

    Raises:
        InvalidToken: an identifier is not the account's, or the link was used meanwhile.
        PasswordRejected: the project's validators refuse it; the link stays good.
    """
    customer, user, now = link.customer, link.customer.user, timezone.now()
    if user is None or any(claims.shown(customer, given.kind, now=now) != given for given in claimed):
        raise InvalidToken
    passwords.validate_for(customer, password, now=now)
    user.set_password(password)
    try:
        proving.consume(link.row, lambda row: _save(link, now=now), now=now)
    except InvalidCode as error:
        raise InvalidToken from error
    if client is not None and client.ip is not None:
        with suppress(LimiterUnavailable):
            for held in filter(None, map(customer.contact, IdentifierKind)):
                ratelimits.forgive("login_failed", key=held.value, ip=client.ip)
    if not customer.has_second_factor:
        # Who knew the old password may have used up the guesses at the codes that `LOGIN.SECOND_STEP` mails. With a
        # factor enrolled they stay used up: whoever reads the mail gets no new guesses at what stands behind it.
        with suppress(LimiterUnavailable):
            proofs.budget_of(customer.pk).clear()


def _save(link: ResetLink, *, now: datetime) -> None:
    before, kind = link.customer, link.contact.kind
    newly_verified = not before.has_verified(kind)
    proof: dict[str, object] = {f"{kind.value}_verified_at": now} if newly_verified else {}
    # Where nobody has to prove anything, most people's contacts are unproven, and a reset may not cost them one.
    strangers = first_proof.strangers_contacts(before, kind) if config().registration.require_verification else []
    proof |= first_proof.without(strangers)
    through = {contact_undo.THROUGH: keys.keyed_hash(contact_undo.THROUGH, link.contact.value)}
    customer = passwords.save_new(before, EventKind.PASSWORD_RESET, now=now, detail=through, values=proof)
    fields, events = first_proof.release(before, customer, strangers)
    if fields and customer.user is not None:
        customer.user.save(update_fields=fields)
    if newly_verified:
        # In one statement with the claim that ends: a shadow has none, and takes no statement fewer.
        AccountEvent.objects.bulk_create([*events, AccountEvent.of(EventKind.CONTACT_VERIFIED, customer, contact=kind)])
        signals.send_on_commit(signals.contact_verified, Customer, customer=customer, kind=kind.value)
