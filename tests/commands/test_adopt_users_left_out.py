"""Whom manage.py adopt_users leaves out, and how it says so."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.db.models import F
from django.utils import timezone

from customer_registration.flows.adoption import writing
from customer_registration.management.commands.adopt_users import SHOWN
from customer_registration.models import Customer
from tests.commands.users import (
    adopt,
    customer_of,
    has,
    log_in,
    only_with_twins,
    only_with_username,
    user,
)

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
DJANGOS = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
OURS = "customer_registration.hashers.OWASPArgon2PasswordHasher"


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_staff_are_no_customers(flag):
    user("boss@example.com", **{flag: True})
    out, err = adopt("--include-inactive")
    assert "0 adopted, 1 left out" in out
    assert "1 staff" in out
    assert err == ""


@only_with_twins
def test_the_address_of_staff_is_in_nobodys_way():
    user("jane@example.com", is_staff=True)
    shopper = user("jane@example.com")
    assert "1 adopted, 1 left out" in adopt()[0]
    assert customer_of(shopper).email == "jane@example.com"


def test_inactive_users_are_left_out_unless_they_are_asked_for():
    gone = user("gone@example.com", is_active=False)
    out, err = adopt("--verified")
    assert ("0 adopted, 1 left out" in out, "1 inactive" in out, err) == (True, True, "")
    assert "1 adopted, 0 left out" in adopt("--verified", "--include-inactive")[0]
    assert log_in("gone@example.com").status_code == 401
    gone.is_active = True
    gone.save()
    assert log_in("gone@example.com").status_code == 200


@only_with_twins
@pytest.mark.parametrize("size", ["1", "2", "1000"])
@pytest.mark.parametrize("other", ["jane@example.com", "JANE@example.com", "jane@EXAMPLE.com "])
def test_of_users_with_one_address_none_is_adopted(other, size):
    user("jane@example.com"), user("kim@example.com"), user(other)
    out, err = adopt("--batch-size", size)
    assert "1 adopted, 2 left out" in out
    assert "2 duplicate" in out
    assert err.count("j***@") + err.count("J***@") == 2
    assert err.count("several users have this e-mail address") == 2
    assert Customer.objects.get().email == "kim@example.com"


def test_what_another_customer_holds_is_not_adopted(verified, sign_up):
    held, claimed = verified("jane@example.com")[0], sign_up("kim@example.com")
    get_user_model().objects.update(email=None if has("phone") else F("pk"))
    jane, kim = user("jane@example.com"), user("kim@example.com")
    out, err = adopt()
    assert "0 adopted, 2 left out" in out
    assert err.splitlines() == [
        f"user {jane.pk} (j***@example.com): customer {held.id} has this e-mail address",
        f"user {kim.pk} (k***@example.com): customer {claimed.id} signs up with this e-mail address, and has not"
        " proven it yet",
    ]
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("", "has no contact that logs in"),
        ("  ", "has no contact that logs in"),
        ("nonsense", "no @"),
        ("a@b@example.com", "The part after the @-sign contains invalid characters"),
        ("jane@localhost", "The part after the @-sign is not valid. It should have a period"),
        ("ma\u0131l@example.com", "other characters than ASCII before the @"),
        ("mi\u212ae@example.com", "the e-mail address has a character that stands for another"),
        ("jane@example.com\x1b[2J", "a space, or a character that cannot be seen"),
        (f"{'x' * 65}@example.com", "more than 64 characters before the @"),
    ],
)
def test_a_user_without_a_usable_contact_is_named_and_left_out(email, why):
    odd = user(email)
    out, err = adopt()
    assert "0 adopted, 1 left out" in out
    assert err.startswith(f"user {odd.pk}")
    assert err.endswith(f": {why}\n")
    assert err.isascii()
    assert "\x1b" not in err
    assert not Customer.objects.exists()


def test_of_many_who_are_left_out_the_first_are_named():
    for number in range(SHOWN + 3):
        user(f"nonsense{number}")
    out, err = adopt()
    assert f"{SHOWN + 3} invalid" in out
    assert len(err.splitlines()) == SHOWN + 1
    assert err.endswith("... more of these: invalid; check_contacts lists them all\n")


@only_with_username
def test_a_name_that_does_not_fit_is_named(monkeypatch):
    monkeypatch.setattr(Customer._meta.get_field("first_name"), "max_length", 5)
    user("jane@example.com", first_name="Jane Anne")
    assert adopt()[1].endswith("(j***@example.com): first_name is longer than 5 characters\n")


def test_what_the_database_refuses_fails_the_command(monkeypatch):
    user("jane@example.com"), user("kim@example.com")
    released = writing._Batch._insert

    def refuse(self, customers, found):
        if any(each.email == "kim@example.com" for each in customers):
            raise writing.DataError("a value of kim@example.com is too long")
        return released(self, customers, found)

    monkeypatch.setattr(writing._Batch, "_insert", refuse)
    with pytest.raises(CommandError, match="The database refused 1, which"):
        adopt()
    assert Customer.objects.get().email == "jane@example.com"


def test_an_unproven_claim_that_has_lapsed_gives_way(sign_up):
    stranger = sign_up("jane@example.com").row
    get_user_model().objects.filter(pk=stranger.user.pk).update(email=None if has("phone") else "x@example.com")
    Customer.objects.update(claim_expires_at=timezone.now() - timedelta(minutes=1))
    jane = user("jane@example.com")
    assert "1 would be adopted" in adopt("--dry-run")[0]
    assert "1 adopted" in adopt("--verified")[0]
    assert customer_of(jane).email == "jane@example.com"
    stranger.refresh_from_db()
    assert stranger.email is None
