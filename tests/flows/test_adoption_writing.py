"""Writing customers who come from elsewhere: a batch in a transaction, an outcome each, and nobody merged."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connection
from django.db.models.signals import post_save
from django.utils import timezone

from customer_registration.flows import claims
from customer_registration.flows.adoption import writing
from customer_registration.flows.adoption.outcomes import Reason
from customer_registration.models import AccountEvent, Customer, OutboxMessage
from customer_registration.models.integrity import StaleSnapshot
from customer_registration.signals import claim_lapsed, customer_registered
from customer_registration.users import user_adapter
from tests.conftest import new_user

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def existing(name, **fields):
    """Return a customer of a user who is there."""
    return Customer(user=new_user(name, f"{name}@example.com"), **{"email": f"{name}@example.com", **fields})


def imported(name, **fields):
    """Return a customer with a user who is not saved yet."""
    customer = Customer(**{"email": f"{name}@example.com", **fields})
    customer.user = user_adapter().build(customer)
    customer.user.password = make_password("old password")
    return customer


def write(*customers, **options):
    """Write customers, and return what hindered each."""
    outcomes = writing.write(customers, source="a test", now=timezone.now(), **options)
    assert [outcome.customer for outcome in outcomes] == list(customers)
    return [outcome.hindrance for outcome in outcomes]


def reasons(hindrances):
    return [hindrance and str(hindrance.reason) for hindrance in hindrances]


@pytest.fixture
def seldom_looks(monkeypatch):
    """Let the look-up see nothing for so many times, as if somebody were quicker each time."""

    def blind(times):
        real, seen = writing.standing.of, []

        def look(batch, **options):
            seen.append(len(batch))
            return writing.Standing() if len(seen) <= times else real(batch, **options)

        monkeypatch.setattr(writing.standing, "of", look)
        return seen

    return blind


@pytest.mark.parametrize("make", [existing, imported])
def test_customers_are_written_with_their_users_and_audited(make):
    now = timezone.now()
    jane = make("jane", email_verified_at=now, first_name="Jane", registered_at=now - timedelta(days=900))
    assert write(jane, make("kim")) == [None, None]
    row = Customer.objects.select_related("user").get(pk=jane.pk)
    assert (row.email, row.first_name, row.claim_expires_at) == ("jane@example.com", "Jane", None)
    assert row.registered_at == jane.registered_at
    assert row.user.registered_customer == row
    event = AccountEvent.objects.get(customer=row)
    assert (event.kind, event.contact) == ("customer_adopted", "j***@example.com")
    assert event.detail == {"source": "a test", "proven": ["email"]}


def test_an_imported_user_keeps_the_password_hash():
    write(jane := imported("jane"))
    assert Customer.objects.get(pk=jane.pk).user.check_password("old password")


def test_nothing_is_sent_and_nobody_is_told(hear, django_capture_on_commit_callbacks):
    heard = hear(customer_registered)
    with django_capture_on_commit_callbacks(execute=True):
        write(imported("jane"), existing("kim"))
    assert not heard
    assert not OutboxMessage.objects.exists()


def test_a_contact_that_a_customer_holds_hinders(verified):
    person, _ = verified("jane@example.com")
    [hindrance, free] = write(existing("other", email="jane@example.com"), existing("kim"))
    assert (hindrance.reason, hindrance.kind, hindrance.holder) == (Reason.HELD, "email", person.id)
    assert free is None
    assert Customer.objects.count() == 2


def test_two_of_a_batch_with_one_contact_are_both_left_out():
    twins = [existing("one", phone="+12025550123"), existing("two", phone="+12025550123")]
    assert reasons(write(*twins, existing("kim"))) == ["duplicate", "duplicate", None]
    assert Customer.objects.count() == 1


def test_a_claim_that_runs_hinders_and_one_that_has_lapsed_gives_way(sign_up, hear, django_capture_on_commit_callbacks):
    stranger, heard = sign_up("jane@example.com").row, hear(claim_lapsed)
    user = new_user("jane", "own@example.com")
    jane = Customer(user=user, email="jane@example.com")
    [hindrance] = write(jane)
    assert (hindrance.reason, hindrance.holder) == (Reason.CLAIMED, stranger.pk)
    Customer.objects.filter(pk=stranger.pk).update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    assert write(jane, dry_run=True) == [None]
    assert Customer.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert write(jane) == [None]
    assert Customer.objects.get(email="jane@example.com").user == user
    stranger.refresh_from_db()
    assert stranger.email is None
    assert not stranger.user.has_usable_password()
    assert [each["customer_id"] for each in heard] == [stranger.pk]
    assert AccountEvent.objects.filter(kind="claim_lapsed", customer=stranger).exists()


def test_a_claim_that_lapsed_gives_up_both_its_contacts(sign_up):
    stranger = sign_up("jane@example.com", phone="+12025550123").row
    Customer.objects.update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    jane = Customer(user=new_user("jane", "own@example.com"), email="jane@example.com", phone="+12025550123")
    assert write(jane, existing("kim")) == [None, None]
    stranger.refresh_from_db()
    assert (stranger.email, stranger.phone) == (None, None)


def test_a_claim_that_lapsed_gives_its_contacts_to_two(sign_up):
    sign_up("jane@example.com", phone="+12025550123")
    Customer.objects.update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    jane = Customer(user=new_user("jane", "own@example.com"), email="jane@example.com")
    assert write(jane, existing("kim", phone="+12025550123")) == [None, None]


def test_a_claim_that_is_proven_at_this_moment_stays(sign_up, monkeypatch):
    stranger = sign_up("jane@example.com").row
    Customer.objects.filter(pk=stranger.pk).update(claim_expires_at=timezone.now() - timedelta(seconds=1))
    release = claims.release

    def prove_first(holder, kind, **options):
        Customer.objects.filter(pk=holder.pk).update(email_verified_at=timezone.now())
        return release(holder, kind, **options)

    monkeypatch.setattr(claims, "release", prove_first)
    jane = Customer(user=new_user("jane", "own@example.com"), email="jane@example.com")
    assert reasons(write(jane, existing("kim")))[1] is None
    assert not Customer.objects.filter(pk=jane.pk).exists()


def test_an_id_that_is_there_is_not_written_again():
    write(jane := imported("jane"))
    again = imported("jane", id=jane.pk)
    [hindrance] = write(again, ids_from_elsewhere=True)
    assert (hindrance.reason, hindrance.holder) == (Reason.PRESENT, jane.pk)
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("make", [existing, imported])
@pytest.mark.parametrize("place", range(5))
def test_whoever_was_quicker_than_the_look_up_hinders_one_alone(seldom_looks, make, place):
    batch = [make(f"person{number}") for number in range(5)]
    holder = Customer.objects.create(email=batch[place].email)
    seldom_looks(1)
    hindrances = write(*batch)
    assert hindrances[place].holder == holder.pk
    assert [hindrance is None for hindrance in hindrances].count(True) == 4
    assert Customer.objects.count() == 5
    assert AccountEvent.objects.filter(kind="customer_adopted").count() == 4


@pytest.mark.parametrize("make", [existing, imported])
def test_where_no_look_up_helps_the_batch_is_halved(seldom_looks, make):
    batch = [make(f"person{number}") for number in range(8)]
    Customer.objects.create(email=batch[5].email)
    seen = seldom_looks(100)
    assert reasons(write(*batch)) == [None] * 5 + ["refused"] + [None] * 2
    assert seen == [8, 8, 4, 4, 2, 1, 1, 2]
    assert Customer.objects.count() == 8
    assert get_user_model().objects.filter(registered_customer__in=[each.pk for each in batch]).count() == 7


def test_a_second_operator_has_taken_the_user_in(seldom_looks):
    jane = existing("jane")
    theirs = Customer.objects.create(user=jane.user, email=jane.email)
    seldom_looks(1)
    [hindrance] = write(jane)
    assert (hindrance.reason, hindrance.holder) == (Reason.PRESENT, theirs.pk)


def test_the_customer_of_the_same_user_is_no_stranger():
    jane = existing("jane")
    theirs = Customer.objects.create(user=jane.user, email=jane.email)
    [hindrance] = write(jane)
    assert (hindrance.reason, hindrance.holder) == (Reason.PRESENT, theirs.pk)


def test_a_user_who_is_gone(seldom_looks):
    jane, kim = existing("jane"), existing("kim")
    get_user_model().objects.filter(pk=jane.user.pk).delete()
    Customer.objects.create(email="kim@example.com")  # brings the second look about
    seldom_looks(1)
    assert reasons(write(jane, kim)) == ["gone", "held"]


@pytest.mark.parametrize("value", ["a" * 300, "\ud800"])
def test_a_value_that_the_database_does_not_take_is_refused_alone(value):
    if connection.vendor == "sqlite" and len(value) > 1:
        pytest.skip("SQLite does not count characters; set TEST_DATABASE_URL to a PostgreSQL or MariaDB")
    batch = [imported("jane"), imported("kim", first_name=value), imported("pat")]
    hindrances = write(*batch)
    assert reasons(hindrances) == [None, "refused", None]
    assert value not in hindrances[1].detail
    assert get_user_model().objects.count() == 2


def test_a_model_whose_saves_somebody_hears_is_saved_one_by_one():
    saved = []

    def hear(instance, **_):
        saved.append(instance)

    post_save.connect(hear, sender=get_user_model())
    try:
        write(imported("jane"), imported("kim"))
    finally:
        post_save.disconnect(hear, sender=get_user_model())
    assert len(saved) == 2


def test_a_database_that_does_not_tell_keys_is_asked_for_one_at_a_time(monkeypatch):
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)  # as MySQL's
    assert write(imported("jane"), imported("joan")) == [None, None]
    assert all(customer.user.email == customer.email for customer in Customer.objects.select_related("user"))
    assert Customer.objects.count() == 2
    assert Customer.objects.count() == 2


def failing(monkeypatch, error, times):
    """Let the first inserts fail."""
    insert, tries = type(Customer.objects.all()).bulk_create, []

    def fail(self, *args, **options):
        tries.append(len(args[0]))
        if len(tries) <= times:
            raise error
        return insert(self, *args, **options)

    monkeypatch.setattr(type(Customer.objects.all()), "bulk_create", fail)
    return tries


def test_a_lost_race_is_tried_again_with_fewer(monkeypatch):
    tries = failing(monkeypatch, StaleSnapshot(), 2)
    assert write(imported("jane"), imported("kim")) == [None, None]
    assert tries == [2, 2, 1, 1]
    assert Customer.objects.count() == 2


def test_a_database_that_is_gone_is_nobodys_fault(monkeypatch):
    failing(monkeypatch, OperationalError("gone"), 1)
    with pytest.raises(OperationalError, match="gone"):
        write(imported("jane"), imported("kim"))
    assert not Customer.objects.exists()
    assert not get_user_model().objects.exists()


def test_a_dry_run_tells_the_same_and_writes_nothing():
    Customer.objects.create(email="jane@example.com")
    assert reasons(write(imported("jane"), imported("kim"), dry_run=True)) == ["held", None]
    assert not get_user_model().objects.exists()
    assert Customer.objects.count() == 1
