"""A project's handler that takes its time, so that a signal finds it in the middle of a batch."""

import time

SECONDS = 0.01


def handler(customer, request):
    """Do nothing, slowly."""
    time.sleep(SECONDS)
