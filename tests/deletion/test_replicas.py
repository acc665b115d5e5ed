"""A project that reads from a replica: whatever writes, and what is read to be written, goes to the main database."""

import copy
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from customer_registration.enums import ErasureStrategy
from customer_registration.flows import housekeeping
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, Customer
from tests.deletion.due import customer_named, everybody_due, statuses

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


class Router:
    """Reads here, writes there."""

    def db_for_read(self, model, **hints):
        """Read from the replica."""
        return "replica"

    def db_for_write(self, model, **hints):
        """Write to the main database."""
        return "default"

    def allow_relation(self, one, other, **hints):
        """The databases hold the same rows."""
        return True


@pytest.fixture(autouse=True)
def replica(settings):
    """Open a second door to the same database, which lets nothing but plain reads in; return what came through."""
    seen = []

    def only_reads(execute, sql, parameters, many, context):
        assert sql.startswith("SELECT"), sql
        assert "FOR UPDATE" not in sql
        seen.append(sql)
        return execute(sql, parameters, many, context)

    connection.ensure_connection()
    connections["replica"] = door = copy.copy(connections["default"])
    door.alias, door.execute_wrappers = "replica", [only_reads]
    settings.DATABASE_ROUTERS = [f"{__name__}.Router"]
    yield seen
    del connections["replica"]


@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_accounts_are_erased(strategy, replica):
    requests = everybody_due(3)
    replica.clear()
    assert Run(strategy=strategy).work().erased == 3
    assert statuses(requests) == ["completed"] * 3
    assert not Customer.objects.filter(email__isnull=False).exists()


def test_the_way_there_and_back(leaving, stay, replica):
    jane = leaving()
    assert stay()["status"] == "cancelled"
    assert jane.row.deletion_scheduled_at is None
    assert replica


def test_housekeeping():
    now = timezone.now()
    customer_named("jane", email_verified_at=None, claim_expires_at=now - timedelta(days=8))
    AccountDeletionRequest.objects.create(customer_ref="cus_x", active_customer_id="cus_x")
    with time_machine.travel(now + timedelta(days=2)):
        cleared = housekeeping.purge()
    assert (cleared["claims"], cleared["unconfirmed"]) == (1, 1)
    assert not Customer.objects.exists()
