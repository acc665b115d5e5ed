"""Migrations: complete, reversible, and with their constraints on this database."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from customer_registration.models import Customer, OtpVerification, SendSlot

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
    assert len(before) == 6
    call_command("migrate", "customer_registration", "zero", verbosity=0)
    try:
        assert tables() == set()
    finally:
        call_command("migrate", "customer_registration", verbosity=0)
    assert tables() == before


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
