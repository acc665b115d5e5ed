"""A shop of some thousands, seen through an observer; all of it is rolled back at the end."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection

from customer_registration import messaging
from customer_registration.models import Customer
from tests.benchmarks import population
from tests.plans.explain import Observer

CUSTOMERS = 2000
TABLES = (
    "auth_user",
    *(f"customer_registration_{name}" for name in ("customer", "sendslot", "keptfigure", "countedday")),
)
NOON = datetime(2031, 5, 14, 12, 0, 10, tzinfo=UTC)  # in the middle of an authenticator app's time step
MANY = 100_000


@pytest.fixture
def noon() -> Iterator[Any]:
    """Stand still at one moment, whenever the test is run: the planner goes by the times that are in a table."""
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def filled(db: None, noon: Any) -> Callable[[], None]:
    """Fill the tables, in the test's transaction.

    A table of a few pages is read from end to end whatever its indexes, and one that is not takes minutes to fill. So
    no plan may do so here if there is another, neither by itself nor for a join: what reads a table yet has no index
    to go by. Where the test database has many customers, the planner is left to choose: copy one that `population` has
    filled, and say ``--reuse-db``.
    """

    def fill() -> None:
        many = Customer.objects.all()[:MANY].count() == MANY
        if not many:
            with connection.cursor() as cursor:
                # What other tests left of the files of a table would count as its size.
                cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
            population.write(connection.connection, CUSTOMERS)
        with connection.cursor() as cursor:
            for choice in ("seqscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{choice} = {'on' if many else 'off'}")

    return fill


@pytest.fixture
def observer(filled: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Observer]:
    """Note every plan; those of a delivery, which follows a request where there is no broker, by themselves."""
    filled()
    observer, deliver = Observer(), messaging.deliver

    def watched(message_id: int) -> Any:
        with observer.at("a message is delivered"):
            return deliver(message_id)

    monkeypatch.setattr(messaging, "deliver", watched)
    with connection.execute_wrapper(observer):
        yield observer
