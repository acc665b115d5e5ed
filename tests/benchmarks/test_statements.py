"""A benchmark counts the statements of its routes before it times them, and says which are not as many as they were."""

import os
from dataclasses import replace

import pytest
from django.db import connection

from customer_registration.models import Customer
from tests.benchmarks import people, population, visitors
from tests.benchmarks.bench import Bench
from tests.benchmarks.options import parser
from tests.benchmarks.report import Report
from tests.benchmarks.statements import answer, statements
from tests.benchmarks.wire import Ask, Seen

SERVER = os.environ.get("TEST_DATABASE_URL", "")
CUSTOMERS = 300

pytestmark = pytest.mark.django_db

need_postgres = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="set TEST_DATABASE_URL=postgres://… to fill tables"),
]


@pytest.fixture
def bench(monkeypatch, settings):
    """A run whose people are new, on any database."""
    settings.ROOT_URLCONF = "tests.benchmarks.floors"
    monkeypatch.setattr(visitors, "regulars", lambda count: visitors.written(min(count, 2), proven=True))
    return Bench(shop=None, chosen=parser().parse_args(["--short"]))


def test_each_route_takes_as_many_statements_as_the_table_says(bench):
    bench.count()
    assert bench.surprises == []
    assert bench.statements == {route.name: route.statements for route in bench.routes}
    assert bench.statements["own profile"] == 1
    assert bench.statements["code verify"] == 6


def test_a_route_that_takes_another_number_of_statements_is_missed(bench):
    bench.routes = [
        replace(route, statements=2) if route.name in ("own profile", "refresh") else route for route in bench.routes
    ]
    bench.count()
    assert Report(bench).missed() == [
        "own profile takes 1 statements, not 2",
        "refresh takes 1 statements, not 2",
    ]


def test_an_answer_of_another_status_ends_the_count(bench):
    with pytest.raises(AssertionError, match="Not Found"):
        statements(Ask("GET", "/nowhere"), status=200)


def test_the_body_the_bearer_and_the_headers_are_sent(bench):
    [customer] = visitors.written(1, proven=True)
    token = visitors.login_token(customer)
    me = answer(Ask("GET", "/store/customers/me", token=token)).json()["customer"]
    assert me["email"] == customer.email
    assert answer(Ask("GET", "/store/customers/me", headers=(("authorization", f"Bearer {token}"),))).status_code == 200
    credentials = {"email": customer.email, "password": visitors.PASSWORD}
    assert answer(Ask("POST", "/auth/customer/emailpass", credentials)).status_code == 200


def test_answers_of_another_status_are_told_and_the_next_route_lives_on_the_others(bench):
    [code_send] = [route for route in bench.routes if route.keeps]
    bench.stock.keep([b"", b'{"type": "too_many_requests"}', b"<html>", b'{"token": "a"}'])
    assert bench.stock._flows == ["a"]
    bench._note(code_send, Seen(1, [0.1] * 4, {0: 1, 429: 1, 502: 1, 200: 1}), 0.0)
    assert bench.surprises == ["code send answered {0: 1, 429: 1, 502: 1}"]
    with pytest.raises(SystemExit, match=r"^code send answered .*; code send could not be asked$"):
        bench._note(code_send, Seen(), 0.0)


class TestRegulars:
    """Who logs in, looks at themselves, and forgets their password."""

    pytestmark = need_postgres

    @pytest.mark.parametrize("rows", [-1, 0, 199])  # never analyzed, empty, too few
    def test_they_are_new_where_there_is_no_population(self, rows):
        estimate(rows)
        customers = visitors.regulars(2)
        assert len(customers) == 2
        assert {customer.pk for customer in customers} == set(Customer.objects.values_list("pk", flat=True))

    def test_they_are_of_the_population_where_there_is_one(self):
        connection.ensure_connection()
        population.write(connection.connection, CUSTOMERS)
        estimate(CUSTOMERS)
        known = {people.customer_id(number): number for number in range(1, CUSTOMERS + 1)}
        for _ in range(20):
            customers = visitors.regulars(3)
            assert len({customer.pk for customer in customers}) == 3
            assert all(people.logs_in(known[customer.pk]) for customer in customers)
        assert Customer.objects.count() == CUSTOMERS


def estimate(rows):
    """Let the catalogue say so; unlike that of ANALYZE, this estimate goes with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = %s WHERE relname = %s", [rows, Customer._meta.db_table])
