"""Races need a database that threads can share, and no limits in their way unless a test is about them."""

import pytest
from django.db import connection
from django.utils.crypto import constant_time_compare

from customer_registration.codes import derivation


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
