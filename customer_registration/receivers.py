"""Hand queued messages to Celery, or deliver them here where there is no broker."""

import atexit
import logging
import os
import queue
import threading
import time
from contextvars import Context, copy_context
from typing import Any

from django.dispatch import receiver

from customer_registration import request_ids
from customer_registration.signals import message_queued

logger = logging.getLogger(__name__)

__all__ = ["enqueue"]

PATIENCE_SECONDS = 2.0
PAUSE_SECONDS = 10.0
BACKLOG = 1000  # messages that may wait for a broker that hangs


class Publisher:
    """Publishes delivery tasks from one thread of its own, and leaves a broker that fails alone for a while.

    No request waits for a broker, and none pays for a thread. For ten seconds after a failure nothing is published;
    what is not published waits in its row for the beat task, so the shop stays quick and no message is lost.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin with nothing that waits.

        So does a forked process: its parent publishes what waits there, and may have held the locks at that moment,
        which nobody in the child would ever give back.
        """
        self._waiting: queue.Queue[tuple[Context, Any, int]] = queue.Queue(BACKLOG)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._paused_until = self._silent_until = 0.0

    def publish(self, task: Any, message_id: int) -> None:
        """Have a task published as soon as the broker takes it."""
        if time.monotonic() < self._paused_until:
            return
        try:
            self._waiting.put_nowait((copy_context(), task, message_id))
        except queue.Full:
            self._complain()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="customer_registration.publish", daemon=True)
                self._thread.start()

    def _complain(self) -> None:
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            logger.warning(
                "The broker does not answer: %s messages wait for it, the sweep sends the others",
                BACKLOG,
                extra={"event": "broker_silent"},
            )

    def flush(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until everything is published, so long at most; return whether it is."""
        idle = self._waiting.all_tasks_done
        with idle:
            return idle.wait_for(lambda: not self._waiting.unfinished_tasks, seconds)

    def _run(self) -> None:
        while True:
            context, task, message_id = self._waiting.get()
            try:
                if time.monotonic() >= self._paused_until:
                    # As the request: its id travels along, and so does what a tracing library keeps of it.
                    context.run(self._attempt, task, message_id)
            finally:
                self._waiting.task_done()

    def _attempt(self, task: Any, message_id: int) -> None:
        try:
            traced = {"headers": {request_ids.HEADER: request_id}} if (request_id := request_ids.current()) else {}
            task.apply_async((message_id,), retry=False, ignore_result=True, **traced)
        except Exception as error:  # kombu raises whatever its transport does
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            reason = type(error).__name__
            logger.warning(
                "Publishing is paused for %s s, the broker failed: %s",
                PAUSE_SECONDS,
                reason,
                extra={"event": "broker_failed", "message_id": message_id, "error": reason},
            )


publisher = Publisher()
atexit.register(lambda: publisher.flush())  # a command's last message
if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=lambda: publisher.begin())


@receiver(message_queued, dispatch_uid="customer_registration.receivers.enqueue")
def enqueue(*, message_id: int, **_: Any) -> None:
    """Start the delivery of a message that has just been committed.

    Args:
        message_id: the primary key of its row.
    """
    # Celery takes 200 ms to load and messaging 50, which the first message pays, not the start.
    from customer_registration import messaging
    from customer_registration.tasks import deliver_message

    if _has_broker(deliver_message.app):
        publisher.publish(deliver_message, message_id)
    else:
        messaging.deliver(message_id)


def _has_broker(app: Any) -> bool:
    return bool(app.conf.broker_url or app.conf.broker_write_url) and not app.conf.task_always_eager
