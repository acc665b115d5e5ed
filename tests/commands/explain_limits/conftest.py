"""What `explain_limits` says, asked and read by tests of the command."""

import io
import os
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

JANE, NOBODY, PHONE, IP = "jane@example.com", "nobody@example.com", "+12025550123", "192.0.2.7"
LOGIN, RESET = "/auth/customer/emailpass", "/auth/customer/emailpass/reset-password"
GENERATE, VERIFY = "/auth/customer/otp/generate", "/auth/customer/otp/verify"
REDIS_URL = os.environ.get("TEST_REDIS_URL", "")


def explain(*arguments):
    """Run the command and return what it says."""
    out = io.StringIO()
    call_command("explain_limits", *arguments, stdout=out)
    return out.getvalue()


def refusing(*arguments):
    """Return what refuses, with the moment until which it does, or ``None``."""
    found = {}
    for line in explain(*arguments).splitlines():
        if line.startswith("  REFUSES"):
            what, _, rest = line.removeprefix("  REFUSES").strip().partition(": ")
            until = re.search(r"until (\S+ \S+) UTC", rest)
            found[what] = datetime.fromisoformat(f"{until[1]}+00:00") if until else None
    return found


@pytest.fixture
def clock(db):
    """Stand still at noon."""
    with time_machine.travel(datetime(2031, 5, 14, 12, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def elsewhere(api):
    """The API as it is asked from `IP`."""
    return api.another(REMOTE_ADDR=IP)
