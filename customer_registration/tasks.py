"""Celery tasks; ``beat.SCHEDULE`` says when the recurring ones run."""

from celery import shared_task

from customer_registration import messaging


@shared_task(name="customer_registration.deliver_message", ignore_result=True, acks_late=True)
def deliver_message(message_id: int) -> None:
    """Deliver one message."""
    messaging.deliver(message_id)


@shared_task(name="customer_registration.deliver_due_messages", ignore_result=True)
def deliver_due_messages() -> None:
    """Deliver what is due: retries, and messages that were never published."""
    messaging.deliver_due()
