"""What Celery beat runs. ``CELERY_BEAT_SCHEDULE = {**SCHEDULE, ...}`` in the project's settings; it imports nothing."""

__all__ = ["SCHEDULE"]

SWEEP_SECONDS = 10.0  # how long a retry, or a message that was never published, waits at most

SCHEDULE = {
    "customer_registration.deliver_due_messages": {
        "task": "customer_registration.deliver_due_messages",
        "schedule": SWEEP_SECONDS,
    },
    "customer_registration.run_due_deletions": {
        "task": "customer_registration.run_due_deletions",
        "schedule": 900.0,  # seconds: how late an erasure or a reminder is at most
    },
    "customer_registration.purge_expired": {
        "task": "customer_registration.purge_expired",
        "schedule": 3600.0,
    },
    "customer_registration.update_insights": {
        "task": "customer_registration.update_insights",
        "schedule": 300.0,  # seconds: how old the figures of the admin's insights page are at most
    },
}
