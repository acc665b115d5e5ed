"""Every statement of every route, sweep and page of the admin reads by an index, however many customers there are."""

import os

import pytest
from django.db import connection

from customer_registration.api.urls import urlpatterns
from customer_registration.models import Customer, OtpVerification
from tests.by_code import UNHURRIED
from tests.plans import desk
from tests.plans.explain import plan_of
from tests.plans.life import Walk
from tests.plans.table import INDEXES, UNBOUNDED

SERVER = os.environ.get("TEST_DATABASE_URL", "")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="set TEST_DATABASE_URL=postgres://… to ask for plans"),
]

NO_ROUTES = {"unknown-auth", "unknown-store"}  # they answer 404 and read nothing
# For projects whose staff log in by `/auth/user/…`: Django's users have no index by which an address would be found.
STAFF_INDEX = "CREATE INDEX staff_by_address ON auth_user (UPPER(email)) WHERE is_staff"


def test_every_route_is_in_the_table():
    routes = {
        f"{method.upper()} {pattern.name}"
        for pattern in urlpatterns
        if pattern.name not in NO_ROUTES
        for method in pattern.callback.actions
        if method != "head"
    }
    assert {place for place in INDEXES if place.split()[0].isupper()} == routes


def test_everything_reads_by_the_indexes_of_the_table(api, observer, configure, noon):
    configure(**UNHURRIED)
    Walk(api, observer.at_request).all_of_it()
    desk.open_the_pages(observer)
    desk.run_the_sweeps(observer, noon)
    desk.stand_at_the_counter(observer)
    assert set(observer.seen) == set(INDEXES)
    others = {place: seen.difference(INDEXES[place].split("; ")) for place, seen in observer.seen.items()}
    assert not {place: indexes for place, indexes in others.items() if indexes}
    allowed = {entry: {each for each in observer.unbounded if is_of(entry, *each)} for entry in UNBOUNDED}
    assert not observer.unbounded.difference(*allowed.values())
    assert all(allowed.values()), "an entry that stands for nothing"


def is_of(entry, place, sql):
    """Whether an entry of the table allows a statement."""
    named, part, _why = entry
    return named in place and part in sql


def test_what_has_no_index_is_found_out(observer):
    with observer.at("somewhere"):
        list(Customer.objects.filter(first_name="Jane"))
        list(OtpVerification.objects.order_by("expires_at").filter(destination="x"))
        list(Customer.objects.order_by("-pk")[:10])
    assert observer.seen["somewhere"] == {"customer(id)>"}
    told = {sql.partition(" WHERE ")[2].split('"')[3] for _place, sql in observer.unbounded}
    assert told == {"first_name", "destination"}


def test_staff_are_found_by_an_index_that_a_project_makes(filled):
    filled()
    found = "SELECT id FROM auth_user WHERE is_active AND is_staff AND UPPER(email::text) = UPPER('boss@example.com')"
    assert plan_of(found)["Node Type"] == "Seq Scan"
    with connection.cursor() as cursor:
        cursor.execute(STAFF_INDEX)
    assert plan_of(found)["Index Name"] == "staff_by_address"
