"""SIGKILL in the middle of a purge: the next worker finishes, and every account is erased once, none by half."""

import signal
import subprocess
import sys
import time

import pytest

from customer_registration.models import AccountEvent, OutboxMessage
from tests.flows.test_worker import ROOT
from tests.races.departures import departures, fate_of

pytestmark = [pytest.mark.postgres, pytest.mark.life_cycle, pytest.mark.django_db(transaction=True)]

ACCOUNTS, KILLS = 60, 3
PURGE = [sys.executable, "-u", "manage.py", "purge_accounts", "--batch-size", "7"]


def kill_in_the_middle(environment, delay):
    """Start a purge, kill it a moment after its first batch, and return whether it was still at work."""
    purge = subprocess.Popen(PURGE, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert purge.stdout.readline()
    time.sleep(delay)
    purge.send_signal(signal.SIGKILL)
    purge.stdout.close()
    return purge.wait() == -signal.SIGKILL


def test_a_purge_that_is_killed_again_and_again_erases_every_account_once(environment):
    ids = departures(ACCOUNTS)
    killed = [kill_in_the_middle(environment, 0.01 + 0.02 * turn) for turn in range(KILLS)]
    assert all(killed), "the purge was through before it was killed"
    fates = [fate_of(customer_id) for customer_id in ids]
    assert set(fates) == {"erased", "kept"}
    finished = subprocess.run(PURGE, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert f"{fates.count('kept')} erased, 0 failed" in finished.stdout
    assert [fate_of(customer_id) for customer_id in ids] == ["erased"] * ACCOUNTS
    assert AccountEvent.objects.filter(kind="account_erased").count() == ACCOUNTS
    assert OutboxMessage.objects.filter(kind="account_erased").count() == ACCOUNTS
