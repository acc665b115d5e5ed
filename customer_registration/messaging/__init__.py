"""The outbox: queue a message with the change it tells of, deliver it after the commit, try again, fall back."""

from customer_registration.messaging.delivery import LAST_WORDS, deliver, deliver_due
from customer_registration.messaging.outbox import compose, queue

__all__ = ["LAST_WORDS", "compose", "deliver", "deliver_due", "queue"]
