"""Hand queued messages to Celery, or deliver them here where there is no broker."""

import logging
import threading
import time
from typing import Any

from django.dispatch import receiver

from customer_registration.signals import message_queued

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
PAUSE_SECONDS = 10.0


class Publisher:
    """Publishes delivery tasks, and leaves a broker that fails or hangs alone for a while.

    A broker that is down costs the requests of one moment two seconds at most; for ten seconds after that nothing is
    published and the rows wait for the beat task, so the shop stays quick and no message is lost.
    """

    def __init__(self) -> None:
        self._paused_until = 0.0
        self._stuck: threading.Thread | None = None

    def publish(self, task: Any, message_id: int) -> None:
        """Publish in a thread of its own: a transport without socket time-outs would wait for ever."""
        if time.monotonic() < self._paused_until or (self._stuck and self._stuck.is_alive()):
            return
        failures: list[Exception] = []

        def attempt() -> None:
            try:
                task.apply_async((message_id,), retry=False, ignore_result=True)
            except Exception as error:  # kombu raises whatever its transport does
                failures.append(error)

        thread = threading.Thread(target=attempt, name="customer_registration.publish", daemon=True)
        thread.start()
        thread.join(PATIENCE_SECONDS)
        if thread.is_alive() or failures:
            self._stuck = thread
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            reason = type(failures[0]).__name__ if failures else "no answer"
            logger.warning("Publishing is paused for %s s, the broker failed: %s", PAUSE_SECONDS, reason)


publisher = Publisher()


@receiver(message_queued, dispatch_uid="customer_registration.receivers.enqueue")
def enqueue(*, message_id: int, **_: Any) -> None:
    """Start the delivery of a message that has just been committed."""
    # Celery takes 200 ms to load and messaging 50, which the first message pays, not the start.
    from customer_registration import messaging
    from customer_registration.tasks import deliver_message

    if _has_broker(deliver_message.app):
        publisher.publish(deliver_message, message_id)
    else:
        messaging.deliver(message_id)


def _has_broker(app: Any) -> bool:
    return bool(app.conf.broker_url or app.conf.broker_write_url) and not app.conf.task_always_eager
