"""Celery tasks; ``beat.SCHEDULE`` says when the recurring ones run."""

from typing import Any

from celery import Task, shared_task

from customer_registration import beat, messaging, request_ids
from customer_registration.flows import housekeeping
from customer_registration.flows.deletion import reminders
from customer_registration.flows.deletion.executor import Run
from customer_registration.flows.insights import rollup


class TracedTask(Task):
    """A task under the id of the request that has queued it; where none has, under its own."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run it."""
        brought = self.request.get(request_ids.HEADER)
        request_id = brought if request_ids.is_sane(brought) else self.request.id
        if request_id is None:  # called like a function
            return super().__call__(*args, **options)
        with request_ids.bound(request_id):
            return super().__call__(*args, **options)


@shared_task(base=TracedTask, name="customer_registration.deliver_message", ignore_result=True, acks_late=True)
def deliver_message(message_id: int) -> None:
    """Deliver one message."""
    messaging.deliver(message_id)


@shared_task(base=TracedTask, name="customer_registration.deliver_due_messages", ignore_result=True)
def deliver_due_messages() -> None:
    """Deliver what is due: retries, and messages that were never published; until the next one comes, if need be."""
    messaging.deliver_due(seconds=beat.SWEEP_SECONDS)


@shared_task(base=TracedTask, name="customer_registration.run_due_deletions", ignore_result=True)
def run_due_deletions() -> None:
    """Remind people of the deletions that are near, and erase the accounts whose time has come."""
    reminders.send_due()
    Run().work()


@shared_task(base=TracedTask, name="customer_registration.purge_expired", ignore_result=True)
def purge_expired() -> None:
    """Clear away codes, claims, messages and events that have served."""
    housekeeping.purge()


@shared_task(base=TracedTask, name="customer_registration.update_insights", ignore_result=True)
def update_insights() -> None:
    """Count what the insights page shows."""
    rollup.bring_up_to_date()
