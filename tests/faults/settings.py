"""The example project as in production, swept every second instead of every ten, so that a test need not wait."""

from example_project.settings import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {"sweep": {"task": "customer_registration.deliver_due_messages", "schedule": 1.0}}
