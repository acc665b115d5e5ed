"""Row F5 of ``security.md``: what the database guarantees, it guarantees on each; run on all that are claimed."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, UniqueConstraint
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, Customer, OtpVerification, SecondFactor, SendSlot

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

MODELS = list(apps.get_app_config("customer_registration").get_models())


def declared(kind):
    return [(model, each) for model in MODELS for each in model._meta.constraints if isinstance(each, kind)]


def in_the_database(model):
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, model._meta.db_table)


def test_f5_there_is_none_that_a_database_drops_without_a_word():
    """MariaDB has neither conditional nor expression constraints, and says nothing when it is told to make one."""
    for _, each in declared(UniqueConstraint):
        assert (each.condition, each.expressions, each.deferrable, each.include) == (None, (), None, ())
    assert {type(each) for model in MODELS for each in model._meta.constraints} <= {UniqueConstraint, CheckConstraint}


@pytest.mark.parametrize(
    ("model", "constraint"), declared(UniqueConstraint), ids=lambda each: getattr(each, "name", "")
)
def test_f5_a_unique_constraint_is_there_by_its_name(model, constraint):
    made = in_the_database(model)[constraint.name]
    columns = [model._meta.get_field(name).column for name in constraint.fields]
    assert (made["unique"], made["columns"]) == (True, columns)


@pytest.mark.parametrize(("model", "constraint"), declared(CheckConstraint), ids=lambda each: getattr(each, "name", ""))
def test_f5_a_check_is_there_by_its_name(model, constraint):
    assert in_the_database(model)[constraint.name]["check"]


UNIQUE_FIELDS = [(model, field) for model in MODELS for field in model._meta.local_fields if field.unique]


@pytest.mark.parametrize(("model", "field"), UNIQUE_FIELDS, ids=str)
def test_f5_a_unique_column_is_unique(model, field):
    made = in_the_database(model).values()
    assert any(each["columns"] == [field.column] and (each["unique"] or each["primary_key"]) for each in made)


def refused(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()
    return True


@pytest.mark.parametrize(("kind", "value"), [("email", "jane@example.com"), ("phone", "+12025550123")])
def test_f5_a_contact_is_one_persons_and_having_none_is_everybodys(kind, value):
    Customer.objects.bulk_create([Customer(), Customer(), Customer(**{kind: value})])
    other = Customer.objects.filter(**{kind: None}).first()
    assert refused(lambda: Customer.objects.create(**{kind: value}))
    assert refused(lambda: Customer.objects.filter(pk=other.pk).update(**{kind: value}))


def test_f5_one_departure_a_person_is_open_and_any_number_closed():
    closed = [AccountDeletionRequest(customer_ref="cus_x", status="cancelled") for _ in range(3)]
    AccountDeletionRequest.objects.bulk_create(closed)
    AccountDeletionRequest.objects.create(customer_ref="cus_x", active_customer_id="cus_x")
    assert refused(lambda: AccountDeletionRequest.objects.create(customer_ref="cus_x", active_customer_id="cus_x"))


def test_f5_one_factor_of_a_kind_is_in_force():
    customer = Customer.objects.create()
    pending = {"customer": customer, "provider": "totp"}
    SecondFactor.objects.bulk_create([SecondFactor(**pending), SecondFactor(**pending)])
    SecondFactor.objects.create(**pending, enabled_key=f"{customer.pk}:totp")
    assert refused(lambda: SecondFactor.objects.create(**pending, enabled_key=f"{customer.pk}:totp"))


def test_f5_a_throttle_has_one_row():
    SendSlot.objects.create(key="k", last_sent_at=timezone.now())
    assert refused(lambda: SendSlot.objects.create(key="k", last_sent_at=timezone.now()))


@pytest.mark.parametrize("attempts", [6, 250])
def test_f5_no_write_takes_the_guesses_past_their_limit(attempts):
    facts = {"purpose": "email_verification", "channel": "email", "max_attempts": 5, "expires_at": timezone.now()}
    row = OtpVerification.objects.create(**facts, attempts=5)
    assert refused(lambda: OtpVerification.objects.create(**facts, attempts=attempts))
    assert refused(lambda: OtpVerification.objects.filter(pk=row.pk).update(attempts=attempts))
