"""A batch job's statements are planned for their values each time, also where the project has them prepared."""

import pytest
from django.db import connection

from customer_registration.models import Customer
from customer_registration.models.planning import planned_anew
from tests.commands.users import adopt, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def preparing(monkeypatch):
    """Return a connection that prepares each statement at once."""
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps plans; set TEST_DATABASE_URL=postgres://…")
    monkeypatch.setattr(connection.connection, "prepare_threshold", 0)
    return connection.connection


@pytest.mark.postgres
def test_nothing_is_prepared_in_the_block_and_all_is_as_before_after_it(preparing):
    with planned_anew("default"):
        assert preparing.prepare_threshold is None
    assert preparing.prepare_threshold == 0
    with pytest.raises(ZeroDivisionError), planned_anew("default"):
        raise ZeroDivisionError
    assert preparing.prepare_threshold == 0


@pytest.mark.postgres
def test_no_look_into_the_table_that_an_adoption_fills_is_prepared(preparing):
    seen = []

    def note(execute, sql, *arguments):
        seen.append((sql, preparing.prepare_threshold))
        return execute(sql, *arguments)

    user("jane@example.com"), user("kim@example.com")
    with connection.execute_wrapper(note):
        adopt("--batch-size", "1")
    looks = {threshold for sql, threshold in seen if sql.startswith("SELECT") and Customer._meta.db_table in sql}
    writes = {threshold for sql, threshold in seen if sql.startswith("INSERT")}
    assert (looks, writes) == ({None}, {0})
    assert Customer.objects.count() == 2


def test_where_nothing_is_prepared_nothing_changes():
    before = getattr(connection.connection, "prepare_threshold", "none")
    with planned_anew("default"):
        assert Customer.objects.count() == 0
    assert getattr(connection.connection, "prepare_threshold", "none") == before
