"""The made-up shop of the benchmarks is whole: people can log in, each reference leads somewhere, nothing is stale."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.db import connection
from django.db.models import F
from ulid import ULID

from customer_registration import identifiers
from customer_registration.enums import IdentifierKind
from customer_registration.flows import housekeeping
from customer_registration.models import Customer, OtpVerification, OutboxMessage
from tests.benchmarks import people, population
from tests.benchmarks.sizes import Size, sizes, table

SERVER = os.environ.get("TEST_DATABASE_URL", "")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER.startswith("postgres"), reason="set TEST_DATABASE_URL=postgres://… to fill tables"),
]

CUSTOMERS = 300
HASHER = "customer_registration.hashers.OWASPArgon2PasswordHasher"
REFERENCES = """
SELECT conrelid::regclass, confrelid::regclass, here.attname, there.attname FROM pg_constraint
JOIN pg_attribute here ON here.attrelid = conrelid AND here.attnum = conkey[1]
JOIN pg_attribute there ON there.attrelid = confrelid AND there.attnum = confkey[1]
WHERE contype = 'f' AND conrelid::regclass::text LIKE 'customer\\_registration\\_%'
"""


@pytest.fixture
def shop(db):
    """Fill the tables, in the test's transaction."""
    connection.ensure_connection()
    population.write(connection.connection, CUSTOMERS)


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.mark.usefixtures("shop")
def test_every_row_that_another_refers_to_is_there():
    references = rows(REFERENCES)
    assert len(references) >= 8
    for here, there, column, key in references:
        orphans = f"SELECT count(*) FROM {here} h WHERE {column} IS NOT NULL"
        [(found,)] = rows(f"{orphans} AND NOT EXISTS (SELECT FROM {there} t WHERE t.{key} = h.{column})")
        assert found == 0, (here, column)
    carried = OutboxMessage.objects.exclude(otp=None)
    assert carried.filter(customer=F("otp__customer")).count() > CUSTOMERS * 0.8


@pytest.mark.usefixtures("shop")
def test_ids_are_known_and_valid():
    ids = [people.customer_id(number) for number in range(1, CUSTOMERS + 1)]
    assert list(Customer.objects.order_by("pk").values_list("pk", flat=True)) == ids
    assert list(Customer.objects.order_by("user_id").values_list("pk", flat=True)) == ids
    moment = ULID.from_str(ids[6].removeprefix("cus_")).timestamp
    assert moment == people.signed_up(7)
    for otp_id in OtpVerification.objects.values_list("pk", flat=True):
        assert ULID.from_str(otp_id)


@pytest.mark.usefixtures("shop")
def test_contacts_are_canonical():
    for email, phone in Customer.objects.exclude(email=None).values_list("email", "phone"):
        assert identifiers.canonical(IdentifierKind.EMAIL, email, region=None) == email
        assert phone is None or identifiers.canonical(IdentifierKind.PHONE, phone, region=None) == phone


@pytest.mark.usefixtures("shop")
def test_a_customer_logs_in_and_the_hash_is_not_made_anew(api, settings):
    settings.PASSWORD_HASHERS = [HASHER]
    chosen = [number for number in range(1, 101) if people.logs_in(number)]
    assert len(chosen) > 80
    for number in chosen[:3]:
        answer = api.post("/auth/customer/emailpass", people.person(number)._asdict())
        assert answer.status_code == 200, answer.content
        me = api.get("/store/customers/me", token=answer.json()["token"]).json()["customer"]
        assert me["id"] == people.customer_id(number)
        stored = get_user_model().objects.get(pk=number).password
        assert stored == people.password_hash()
        assert not identify_hasher(stored).must_update(stored)


@pytest.mark.usefixtures("shop")
def test_others_have_a_second_factor_leave_or_have_not_proven_their_address(api, settings):
    settings.PASSWORD_HASHERS = [HASHER]

    def log_in(group):
        return api.post("/auth/customer/emailpass", people.person(group.start + 100)._asdict())

    assert log_in(people.WITH_FACTOR).json()["mfa_required"]
    for group in (people.UNPROVEN, people.LEAVING):
        assert log_in(group).status_code == 403
    assert log_in(people.ERASED).status_code == 401


@pytest.mark.usefixtures("shop")
def test_somebody_new_signs_up(sign_up):
    assert sign_up().row.user_id == CUSTOMERS + 1


@pytest.mark.usefixtures("shop")
def test_the_sweeps_find_next_to_nothing():
    cleared = housekeeping.purge()
    assert sum(cleared.values()) == cleared["claims"] < CUSTOMERS / 20


def test_the_sizes_of_a_database(transactional_db):
    url = f"{SERVER.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    indexes = rows("SELECT indexdef FROM pg_indexes ORDER BY 1")
    population.populate(url, CUSTOMERS)
    assert rows("SELECT indexdef FROM pg_indexes ORDER BY 1") == indexes
    found = sizes(url)
    by_table = {each.table: each for each in found}
    assert by_table["customer_registration_customer"].rows == by_table["auth_user"].rows == CUSTOMERS
    assert found[-1].rows == sum(each.rows for each in found[:-1])
    assert found[-1].bytes_a_customer > 2000
    assert table([Size("auth_user", 2_000, 3_000_000, 1_000_000, 1_000)]).endswith(
        "\n| `auth_user` | 2,000 | 3 | 1 | 4,000 |"
    )
