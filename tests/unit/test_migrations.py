"""Migrations: complete, reversible, and with their constraints on this database."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from customer_registration.enums import DeletionStatus
from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification, SendSlot

APP = "customer_registration"

pytestmark = pytest.mark.life_cycle


def tables():
    with connection.cursor() as cursor:
        return {name for name in connection.introspection.table_names(cursor) if name.startswith("customer_reg")}


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_backwards_leaves_nothing_and_forwards_brings_all_back():
    before = tables()
    assert len(before) == 11
    call_command("migrate", "customer_registration", "zero", verbosity=0)
    try:
        assert tables() == set()
    finally:
        call_command("migrate", "customer_registration", verbosity=0)
    assert tables() == before


@pytest.fixture
def migrate(transactional_db):
    """Migrate the app to a migration by its name and return the models as they are there; to the newest at the end."""

    def to(name):
        executor = MigrationExecutor(connection)
        [target] = [key for key in executor.loader.graph.nodes if key[0] == APP and key[1].startswith(name)]
        return executor.migrate([target]).apps

    yield to
    call_command("migrate", APP, verbosity=0)


def test_forwards_what_was_confirmed_before_is_found_by_the_purge(migrate):
    now = timezone.now()
    requests = migrate("0001").get_model(APP, "AccountDeletionRequest").objects
    for status in DeletionStatus:
        requests.create(
            pk=status,
            customer_ref=status,
            status=status,
            scheduled_at=None if status == "pending" else now,
            identifiers_hash="a" * 64,
            last_error="Why.",
        )
    migrate("0002")
    stored = {row.pk: row for row in AccountDeletionRequest.objects.all()}
    due_times = {status: row.due_at for status, row in stored.items()}
    assert due_times == {"pending": None, "confirmed": now, "failed": now, "cancelled": None, "completed": None}
    assert {(row.identifiers_hash, row.tries, row.ip, row.last_error) for row in stored.values()} == {
        ("a" * 64, 0, "", "Why.")
    }


def test_backwards_the_first_of_two_hashes_is_kept(migrate):
    now = timezone.now()
    for name, hashes in (("both", f"{'a' * 64} {'b' * 64}"), ("one", "c" * 64), ("none", "")):
        AccountDeletionRequest.objects.create(
            pk=name, customer_ref=name, status="confirmed", scheduled_at=now, due_at=now, identifiers_hash=hashes
        )
    requests = migrate("0001").get_model(APP, "AccountDeletionRequest").objects
    kept = dict(requests.values_list("pk", "identifiers_hash"))
    assert kept == {"both": "a" * 64, "one": "c" * 64, "none": ""}
    migrate("0002")
    assert set(AccountDeletionRequest.objects.values_list("due_at", flat=True)) == {now}


def indexes():
    """Return the names of the app's indexes, but for those that guard something."""
    with connection.cursor() as cursor:
        found = [connection.introspection.get_constraints(cursor, table) for table in tables()]
    return {name for each in found for name, of in each.items() if of["index"] and not of["unique"]}


def test_indexes_that_nothing_reads_are_dropped_and_come_back(migrate):
    dropped = import_module(f"{APP}.migrations.0009_fewer_indexes")
    of_vendor = {
        "postgresql": {*dropped.FOR_LIKE, *dropped.SERVED_BY_ANOTHER},
        "sqlite": set(dropped.SERVED_BY_ANOTHER),
    }
    names = {name for name, _table, _column in of_vendor.get(connection.vendor, set())}
    fewer = indexes()
    migrate("0008")
    assert indexes() - fewer == names
    migrate("0009")
    assert indexes() == fewer


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["email", "phone"])
def test_f5_a_contact_is_unique_and_null_is_not(field):
    value = {"email": "a@example.com", "phone": "+12025550123"}[field]
    Customer.objects.create()
    Customer.objects.create()
    Customer.objects.create(**{field: value})
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(**{field: value})


@pytest.mark.django_db
def test_f5_the_database_itself_caps_attempts():
    with pytest.raises(IntegrityError), transaction.atomic():
        OtpVerification.objects.create(attempts=6, max_attempts=5, expires_at=timezone.now(), purpose="x", channel="x")


@pytest.mark.django_db
def test_f5_a_slot_has_one_row():
    SendSlot.objects.create(key="a", last_sent_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        SendSlot.objects.create(key="a", last_sent_at=timezone.now())


@pytest.mark.django_db
def test_a10_no_model_shows_a_contact_or_secret(verified):
    from django.apps import apps

    verified(phone="+12025550123")
    shown = [
        f"{row} {row!r}"
        for model in apps.get_app_config("customer_registration").get_models()
        for row in model.objects.all()
    ]
    assert len(shown) >= 5
    assert not [text for text in shown if "jane@" in text or "2025550123" in text]
