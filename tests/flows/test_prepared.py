"""SQL that is put together once finds, changes and writes what Django's own would."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import Throttled
from customer_registration.models import Customer, OtpVerification, OutboxMessage, SendSlot, prepared
from customer_registration.models.lookups import customer_by_contact, customer_by_id
from customer_registration.models.prepared import Change, LookUp, insert

pytestmark = [pytest.mark.django_db, pytest.mark.life_cycle]

NOW = datetime(2026, 11, 26, 12, 30, 15, 123000, tzinfo=UTC)


def otp(**values):
    return OtpVerification(
        **{"purpose": "email_verification", "channel": "email", "max_attempts": 5, "expires_at": NOW} | values
    )


def stored(model):
    return list(model.objects.order_by("pk").values())


def test_a_look_up_returns_what_the_query_does_with_the_user(sign_up, counted):
    jane, john = sign_up("jane@example.com"), sign_up("john@example.com")
    for person in (jane, john, jane):
        with counted() as queries:
            found = customer_by_id.first(person.id)
            known = (found.email, found.user.get_username(), found.is_active)
        assert len(queries.statements) == 1
        usual = Customer.objects.select_related("user").get(pk=person.id)
        assert known == (usual.email, usual.user.get_username(), True)
        assert {**vars(found), "_state": 0} == {**vars(usual), "_state": 0}
        assert customer_by_contact(usual.contact(IdentifierKind.EMAIL)) == usual
    assert customer_by_id.first("cus_nobody") is None


@pytest.mark.parametrize("text", ["<0>", "<1>", "%s", "' OR 1=1 --"])
def test_no_text_is_taken_for_a_place_or_for_sql(text, sign_up):
    sign_up()
    assert customer_by_id.first(text) is None
    by_two = LookUp(Customer, lambda name, email: Customer.objects.filter(first_name=name, email=email))
    assert by_two.first(text, "<0>") is None


def test_its_sql_is_put_together_once_for_each_connection(sign_up, monkeypatch):
    built = []

    def select(customer_id):
        built.append(customer_id)
        return Customer.objects.filter(pk=customer_id)

    person, by_id = sign_up(), LookUp(Customer, select)
    assert [by_id.first(each) is not None for each in (person.id, "cus_nobody", person.id)] == [True, False, True]
    assert len(built) == 1
    monkeypatch.setattr(prepared, "connections", {"default": connection.copy()})
    with connection.cursor():  # the copy has none of the test's transaction, so it is only built for
        prepared._once("key", "default", lambda: built.append("another"))
    assert built[1:] == ["another"]


def test_times_are_adapted_to_the_database(sign_up):
    before = LookUp(OtpVerification, lambda now: OtpVerification.objects.filter(expires_at__lte=now).order_by("pk"))
    insert(otp())
    assert before.first(NOW - timedelta(milliseconds=1)) is None
    assert before.first(NOW) == OtpVerification.objects.get()


def test_a_value_that_the_sql_does_not_hold_is_refused():
    odd = LookUp(Customer, lambda text: Customer.objects.filter(pk=f"cus_{text}"))
    with pytest.raises(ValueError, match="not all among the parameters"):
        odd.first("x")
    with pytest.raises(ValueError, match="not all among the parameters"):
        Change(lambda rows, text: rows.all(), lambda text: {"attempts": 1}).make(OtpVerification.objects.all(), "x")


def test_a_change_counts_the_rows_it_matched():
    for row in (otp(), otp(attempts=4), otp(attempts=5)):
        insert(row)
    spend = Change(
        lambda rows, purpose, now: rows.filter(purpose=purpose, attempts__lt=F("max_attempts"), expires_at=now),
        lambda purpose, now: {"attempts": F("attempts") + 1, "consumed_at": now},
    )
    assert spend.make(OtpVerification.objects.all(), "email_verification", NOW) == 2
    assert spend.make(OtpVerification.objects.all(), "email_verification", NOW) == 1
    assert spend.make(OtpVerification.objects.all(), "phone_verification", NOW) == 0
    assert [row["attempts"] for row in stored(OtpVerification)] == [2, 5, 5]
    assert {row["consumed_at"] for row in stored(OtpVerification)} == {NOW, None}


def test_a_change_stays_within_rows_that_were_filtered():
    first, second = otp(), otp()
    insert(first)
    insert(second)
    mark = Change(lambda rows, now: rows.filter(expires_at=now), lambda now: {"consumed_at": now})
    for _ in range(2):
        assert mark.make(OtpVerification.objects.filter(pk=first.pk), NOW) == 1
    assert [row["consumed_at"] for row in stored(OtpVerification)] == [NOW, None]


def test_a_change_that_fails_breaks_the_transaction_as_djangos_does():
    insert(otp(attempts=5))
    over = Change(lambda rows, now: rows.filter(expires_at=now), lambda now: {"attempts": F("max_attempts") + 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        over.make(OtpVerification.objects.all(), NOW)
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            over.make(OtpVerification.objects.all(), NOW)
        assert connection.needs_rollback
        transaction.set_rollback(True)


def test_what_is_inserted_is_what_django_would_have_saved(sign_up):
    customer = Customer.objects.get(pk=sign_up().id)
    values = {
        "customer": customer,
        "destination": "jane@example.com",
        "nonce": b"\0\xff" * 8,
        "payload": {"a": ["ü", None]},
        "created_at": NOW,
    }
    insert(otp(pk="A", **values))
    otp(pk="B", **values).save(force_insert=True)
    ours, theirs = stored(OtpVerification)
    assert {**ours, "id": ""} == {**theirs, "id": ""}
    assert bytes(ours["nonce"]) == b"\0\xff" * 8


def test_a_column_that_has_a_default_in_the_database_takes_what_the_row_says():
    insert(OutboxMessage(kind="x", channel="sms", country="DE", outcome="too_late"))
    assert OutboxMessage.objects.filter(country="DE", outcome="too_late").exists()


def test_a_row_learns_the_key_that_the_database_gives_it():
    rows = [OutboxMessage(kind="x", channel="email", next_attempt_at=NOW, context={"n": n}) for n in range(3)]
    for row in rows:
        assert row._state.adding
        insert(row)
        assert (row._state.adding, row._state.db) == (False, "default")
    assert [row["context"] for row in stored(OutboxMessage)] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [row.pk for row in rows] == [row["id"] for row in stored(OutboxMessage)]
    rows[0].state = "sent"
    rows[0].save()
    assert OutboxMessage.objects.get(pk=rows[0].pk).state == "sent"


def test_a_second_row_of_a_unique_value_is_refused():
    insert(SendSlot(key="k", last_sent_at=timezone.now()))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(SendSlot(key="k", last_sent_at=timezone.now()))
    insert(SendSlot(key="l", last_sent_at=NOW))
    assert SendSlot.objects.count() == 2
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert(SendSlot(key="l", last_sent_at=NOW))
        assert connection.needs_rollback  # as after Django's own
        transaction.set_rollback(True)


def test_times_without_a_zone_are_those_of_a_project_without(settings):
    settings.USE_TZ = False
    now, none, minute = timezone.now(), timedelta(0), timedelta(minutes=1)
    holding = SendSlot.objects.holding
    assert holding("k", lambda slot: slot.first, throttle=minute, now=now)
    assert not holding("k", lambda slot: slot.first, throttle=none, now=now)
    with pytest.raises(Throttled):
        holding("k", lambda slot: slot.first, throttle=minute, now=now)
