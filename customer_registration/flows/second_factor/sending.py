"""Codes to a proven contact: where they go, and which one is live."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Exists

from customer_registration.conf import config
from customer_registration.enums import FactorProvider, IdentifierKind, Purpose
from customer_registration.exceptions import ChannelUnavailable, Throttled
from customer_registration.flows import challenges, verification
from customer_registration.flows.challenges import Dispatch
from customer_registration.flows.client import Client
from customer_registration.identifiers import Identifier
from customer_registration.models import Customer, OtpVerification, SecondFactor, SendSlot


def contact_for(
    customer: Customer, preferred: IdentifierKind | None, *, came_by: IdentifierKind | None
) -> Identifier | None:
    """Return the contact that a code goes to: a proven one, or where none has to be, the one that logged in.

    Args:
        customer: whose.
        preferred: the kind to take where it is proven; another proven contact stands in for it.
        came_by: what the person logged in by, if they just did.
    """
    told = customer.notice_contact
    wanted = (customer.contact(preferred) if preferred else None, told)
    proven = (contact for contact in wanted if contact and customer.has_verified(contact.kind))
    if (contact := next(proven, None)) or config().registration.require_verification:
        return contact
    return (customer.contact(came_by) if came_by else None) or told


def send(customer: Customer, contact: Identifier, *, client: Client, now: datetime) -> OtpVerification:
    """Send a code. A person has one at a time: an older one gives way, and bequeaths the guesses at it.

    Raises:
        ChannelUnavailable: the project has no channel for such contacts.
        Throttled: inside the resend throttle, or past a sending limit.
        LimiterUnavailable: the limiter's store is down.
    """
    dispatch = Dispatch(
        purpose=Purpose.SECOND_FACTOR,
        slot=Purpose.SECOND_FACTOR,
        channel=verification.channel_of(contact.kind),
        throttle=timedelta(seconds=verification.options(contact.kind).resend_throttle_seconds),
        # Of their own: strangers, who can ask for other codes to an address, do not use them up.
        limits={"code_send": f"{Purpose.SECOND_FACTOR.value}:{contact.value}"},
        lifetime=timedelta(seconds=config().second_factor.challenge_seconds),
    )
    return challenges.issue(
        dispatch,
        asked_for=customer.pk,
        customer=customer,
        destination=contact,
        older=challenges.older_code(customer.pk, Purpose.SECOND_FACTOR, now=now),
        find_older=lambda: challenges.older_code(customer.pk, Purpose.SECOND_FACTOR, now=now),
        client=client,
        now=now,
    )


def send_if_possible(customer: Customer, contact: Identifier, *, client: Client, now: datetime) -> None:
    """Send a code, unless one was sent just now, which stays good; what keeps it back is no error.

    The throttle is for codes that wait. Where the last one has been used, a login right after it gets another.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    with suppress(ChannelUnavailable):
        try:
            send(customer, contact, client=client, now=now)
        except Throttled:
            if live_code(customer, now=now) is not None:
                return
            SendSlot.objects.filter(key=challenges.slot_key(Purpose.SECOND_FACTOR, customer.pk)).delete()
            with suppress(Throttled):  # past a sending limit
                send(customer, contact, client=client, now=now)


def live_code(customer: Customer, *, now: datetime, for_factor: bool = False) -> OtpVerification | None:
    """Return the code that was sent to a person last, if it is still good.

    Args:
        customer: whose.
        now: the time of the flow.
        for_factor: whether codes have to be a factor in force of theirs.
    """
    live = OtpVerification.objects.live(now).filter(customer=customer, purpose=Purpose.SECOND_FACTOR)
    if for_factor:
        live = live.filter(
            Exists(SecondFactor.objects.enabled().filter(customer=customer, provider=FactorProvider.OTP))
        )
    return live.order_by("-pk").first()
