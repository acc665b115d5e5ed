"""A database that fails while cookie sessions are written is answered like one that fails elsewhere."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/auth/session"
UNAVAILABLE = {"type": "unavailable", "message": "Service temporarily unavailable", "code": "database_unavailable"}


@pytest.fixture
def lose_connection():
    """Return a context in which writes to the session table fail, as over a connection that the server has ended."""

    def fail(execute, sql, *arguments):
        if Session._meta.db_table in sql and sql.startswith(("UPDATE", "DELETE")):
            raise OperationalError("terminating connection due to administrator command")
        return execute(sql, *arguments)

    return lambda: connection.execute_wrapper(fail)


def is_unavailable(answer):
    return (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, UNAVAILABLE, "5")


def test_a_connection_lost_while_a_session_is_opened_is_503(api, verified, lose_connection):
    _, bearer = verified()
    with lose_connection():
        assert is_unavailable(api.post(URL, token=bearer))
    assert api.post(URL, token=bearer).status_code == 200


@pytest.mark.parametrize("others", [False, True], ids=["ours alone", "with another app's keys"])
def test_a_connection_lost_while_a_session_is_ended_is_503(api, verified, lose_connection, others):
    _, bearer = verified()
    cookie = api.post(URL, token=bearer).cookies["sessionid"].value
    if others:
        session = SessionStore(cookie)
        session["basket"] = [1]
        session.save()
    with lose_connection():
        assert is_unavailable(api.request("delete", URL))
    assert api.get("/store/customers/me").status_code == 200
    assert api.request("delete", URL).status_code == 200
    assert api.get("/store/customers/me").status_code == 401
    assert SessionStore(cookie).get("basket") == ([1] if others else None)
