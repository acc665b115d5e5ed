"""Races need a database that threads can share, and no limits in their way unless a test is about them."""

import os
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection
from django.utils.crypto import constant_time_compare

from customer_registration.codes import derivation
from customer_registration.models.customer import CustomerQuerySet
from customer_registration.models.otp_verification import OtpVerificationQuerySet
from tests.conftest import last_code
from tests.flows.test_worker import ROOT
from tests.races.at_once import THREADS, above_read_committed, at_once


@pytest.fixture(autouse=True)
def shared_database(request):
    """Skip where every thread would have an empty database of its own."""
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share SQLite's :memory:; set TEST_DATABASE_URL to a PostgreSQL or MariaDB")


@pytest.fixture
def unlimited(configure):
    """Switch the limits off, so that the database alone decides."""
    configure(RATE_LIMITS={"ENABLED": False})


@pytest.fixture
def compares(monkeypatch):
    """Return the codes that were compared, by whatever thread."""
    seen = []

    def spy(one, other):
        seen.append(other)
        return constant_time_compare(one, other)

    monkeypatch.setattr(derivation, "constant_time_compare", spy)
    return seen


@pytest.fixture
def meeting():
    """Return a function that holds threads until so many have come, or for a moment."""
    barrier = Barrier(THREADS, timeout=0.5)

    def wait():
        with suppress(BrokenBarrierError):
            barrier.wait()

    return wait


@pytest.fixture
def between(monkeypatch):
    """Let an act of somebody else, on a connection of their own, come before each of the first calls of a step."""

    def arrange(owner, name, *acts):
        step, waiting, done = getattr(owner, name), list(acts), []

        def run(*args, **options):
            assert len(done) < 50, "the step is repeated for ever"
            place = len(done)
            done.append(None)  # its place is taken before the act runs, which may take the same step itself
            if waiting:
                [done[place]] = at_once(waiting.pop(0))
            return step(*args, **options)

        monkeypatch.setattr(owner, name, run)
        return done

    return arrange


@pytest.fixture
def read_committed():
    """Skip a broken variant where PostgreSQL itself refuses the second write of its effect."""
    if above_read_committed():
        pytest.skip("above read committed PostgreSQL itself refuses the second write of the effect")


@pytest.fixture
def unguarded(monkeypatch, meeting):
    """Let secrets and epochs be read, then written: what a test against it must see is how the guards are proven."""

    def consume(self, row_id, *, now):
        unused = self.live(now).filter(pk=row_id).exists()
        meeting()
        return unused

    def end_sessions(self, customer, *, now, **values):
        self.filter(pk=customer.pk).update(**values, updated_at=now, token_epoch=customer.token_epoch + 1)
        return self.select_related("user").get(pk=customer.pk)

    monkeypatch.setattr(OtpVerificationQuerySet, "consume", consume)
    monkeypatch.setattr(CustomerQuerySet, "end_sessions", end_sessions)


@pytest.fixture
def ask_change(api):
    """Ask for a contact change and return the proof that confirms it."""

    def run(bearer, **contact):
        answer = api.post("/store/customers/me/contact", contact, token=bearer)
        assert answer.status_code == 200, answer.content
        return {"token": answer.json()["token"], "code": last_code(*contact.values())}

    return run


@pytest.fixture
def environment():
    """What a process of its own needs to work on this test's database."""
    chosen = connection.settings_dict
    scheme = {"postgresql": "postgres"}.get(connection.vendor, "mysql")
    credentials = chosen["USER"] + (f":{chosen['PASSWORD']}" if chosen["PASSWORD"] else "")
    return {
        **os.environ,
        "TEST_DATABASE_URL": f"{scheme}://{credentials}@{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}",
        "DJANGO_SETTINGS_MODULE": "tests.races.purge_settings",
        "PYTHONPATH": str(ROOT),
    }
