"""The outbox: queue a message with the change it tells of, deliver it after the commit, try again, fall back."""

from customer_registration.messaging.delivery import LAST_WORDS, deliver
from customer_registration.messaging.outbox import compose, queue
from customer_registration.messaging.sweep import deliver_due

__all__ = ["LAST_WORDS", "compose", "deliver", "deliver_due", "queue"]
