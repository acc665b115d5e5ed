"""Tell a person that what guards their account has changed: it may not have been them."""

from datetime import datetime

from customer_registration import ratelimits
from customer_registration.exceptions import Throttled
from customer_registration.flows import notices
from customer_registration.messaging import queue
from customer_registration.models import Customer


def tell(customer: Customer, kind: str, *, now: datetime) -> None:
    """Queue a notice in the caller's transaction, where the person can be reached.

    Somebody who switches factors on and off all day is no reason to send messages all day.

    Args:
        customer: whom.
        kind: names the template.
        now: the time of the flow.
    """
    contact = customer.notice_contact
    if contact is None:
        return
    try:
        ratelimits.hit("code_send", ip=None, key=f"{customer.pk}:second_factor")
    except Throttled:
        return
    queue(notices.to(contact, kind, customer, now=now))
