"""What keeps the next message back: resend throttles, and what the SMS guard has to say."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from customer_registration.actors import CUSTOMER, other_types
from customer_registration.conf import config
from customer_registration.enums import IdentifierKind, Purpose
from customer_registration.flows import contact_change, verification
from customer_registration.flows.challenges import slot_key
from customer_registration.flows.standing.lines import Line, of_counter
from customer_registration.flows.standing.person import Person
from customer_registration.identifiers import is_number, mask
from customer_registration.messaging import sms_guard
from customer_registration.models import SendSlot


def throttles(person: Person, *, now: datetime) -> Iterator[Line]:
    """Yield the resend throttles that a person has taken and that are not over. One SELECT."""
    slots = {slot_key(slot, asked): (slot, asked, seconds) for slot, asked, seconds in _slots(person)}
    taken = SendSlot.objects.filter(key__in=slots).order_by("last_sent_at").values_list("key", "last_sent_at")
    for key, last_sent_at in taken:
        slot, asked, seconds = slots[key]
        until = last_sent_at + timedelta(seconds=seconds)
        if until > now:
            whose = asked if asked == person.id else mask(asked)
            yield Line(f"resend, {slot}, {seconds} s", f"the next one to {whose}", until=until, refuses=True)


def _slots(person: Person) -> Iterator[tuple[str, str, int]]:
    """Yield the name of each throttle, whom it counts, and its seconds."""
    chosen = config()
    for contact in person.contacts:
        seconds = verification.options(contact.kind).resend_throttle_seconds
        yield Purpose.PASSWORD_RESET.value, contact.value, chosen.password_reset.resend_throttle_seconds
        yield Purpose.ACCOUNT_DELETION_CANCEL.value, contact.value, seconds
        for purpose in (Purpose.CODE_LOGIN, Purpose.CODE_REGISTRATION):
            for actor in (CUSTOMER, *other_types()):
                yield f"{purpose.value}.{actor}", contact.value, seconds
        two_step = chosen.two_step_login.resend_throttle_seconds
        yield f"{Purpose.TWO_STEP_LOGIN.value}.{CUSTOMER}", contact.value, two_step
    if not person.id:
        return
    for kind in IdentifierKind:
        seconds = verification.options(kind).resend_throttle_seconds
        yield verification.CODE[kind].value, person.id, seconds
        yield contact_change.CODE[kind].value, person.id, seconds
    # Which of the two contacts these go to is decided as they are sent; the longer throttle errs on the safe side.
    longest = max(verification.options(kind).resend_throttle_seconds for kind in _kinds(person))
    for purpose in (Purpose.ACCOUNT_DELETION_REQUEST, Purpose.SECOND_FACTOR):
        yield purpose.value, person.id, longest


def _kinds(person: Person) -> list[IdentifierKind]:
    return [contact.kind for contact in person.contacts] or list(IdentifierKind)


def text_messages(person: Person, *, now: datetime) -> Iterator[Line]:
    """Yield what the SMS guard would say of a code to a person's number.

    Raises:
        LimiterUnavailable: the limiter's store is down.
    """
    for number in (contact.value for contact in person.contacts if is_number(contact.value)):
        whose = f"text messages to {mask(number)}"
        for standing in sms_guard.standing(number, now=now):
            what = f"SMS_GUARD, {standing.what}"
            if standing.counter is None or standing.amount is None:
                yield Line(what, whose, refuses=True)
            else:
                yield of_counter(what, whose, standing.counter, limit=standing.amount, now=now)
