"""Do things at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, connections
from django.test import Client

THREADS = 24


def at_once(*acts):
    """Start every act together, in a thread and with a database connection of its own; return what they return."""
    together = Barrier(len(acts), timeout=30)

    def run(act):
        try:
            connections["default"].ensure_connection()
            together.wait()
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def post(path, body=None, *, token=None):
    """Return an act that posts JSON; what nobody foresaw is raised."""
    headers = {"authorization": f"Bearer {token}"} if token else {}

    def act():
        return Client().post(path, body or {}, content_type="application/json", headers=headers)

    return act


def statuses(answers):
    """Return the status codes in order."""
    return sorted(answer.status_code for answer in answers)


def above_read_committed():
    """Whether the database itself refuses writes to what changed since a transaction began."""
    return bool(connection.settings_dict["OPTIONS"].get("isolation_level"))


def can_log_in(email, password):
    """Whether a password logs somebody in."""
    return post("/auth/customer/emailpass", {"email": email, "password": password})().status_code == 200
