"""A process that is forked while its parent's threads are at something has nothing of theirs to wait for."""

import subprocess
import sys

import pytest

BEGIN = """
import os, signal, threading, django
from django.conf import settings
settings.configure(
    SECRET_KEY="for-forks-only" * 4,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "customer_registration"],
)
django.setup()

def succeeds_in_a_fork(deed):
    child = os.fork()
    if not child:
        signal.alarm(10)  # seconds; ends a child that waits
        os._exit(0 if deed() else 1)
    return os.waitpid(child, 0)[1] == 0
"""

PUBLISHER = """
from customer_registration.receivers import publisher

class Task:
    published = []
    begun, rest = threading.Event(), threading.Event()

    def apply_async(self, arguments, **options):
        self.published.append(arguments)
        self.begun.set()
        self.rest.wait(30)

def publish_another():
    Task.rest.set()
    Task.published.clear()
    publisher.publish(Task(), 3)
    return publisher.flush(5) and Task.published == [(3,)]

publisher.publish(Task(), 1)
publisher.publish(Task(), 2)  # waits behind the first
Task.begun.wait(30)
with publisher._starting, publisher._waiting.mutex:
    assert succeeds_in_a_fork(publish_another)
Task.rest.set()
assert publisher.flush(5) and Task.published == [(1,), (2,)]
"""

HASHER = """
from customer_registration import hashers

taken = hashers._turns.free
while taken.acquire(blocking=False):
    pass
assert succeeds_in_a_fork(lambda: hashers.OWASPArgon2PasswordHasher().encode("password", "some salt"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("script", [PUBLISHER, HASHER], ids=["publisher", "hasher"])
def test_a_child_waits_for_no_lock_of_its_parents(script):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BEGIN + script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
