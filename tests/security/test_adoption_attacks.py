"""Rows A1, A12 and B1 of ``security.md`` where users of the project's own become customers."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client

from customer_registration.models import Customer
from tests.commands.users import adopt, check, customer_of, log_in, user

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

VICTIM = "mike@example.com"
LOOK_ALIKES = ["mi\u212ae@example.com", "\uff4dike@example.com", "m\u0131ke@example.com", "m\u0456ke@example.com"]


@pytest.mark.parametrize("odd", LOOK_ALIKES)
@pytest.mark.parametrize("victim_is_there", [True, False])
def test_a1_a_look_alike_of_the_old_shop_never_gets_the_plain_address(odd, victim_is_there):
    thief = user(odd, password="the thief's own")
    if victim_is_there:
        mike = user(VICTIM)
    adopt("--verified")
    assert not Customer.objects.filter(user=thief).exists()
    assert log_in(VICTIM, "the thief's own").status_code == 401
    assert log_in(odd, "the thief's own").status_code == 401
    if victim_is_there:
        assert customer_of(mike).email == VICTIM
        assert log_in(VICTIM).status_code == 200
    assert f"user {thief.pk} " in check()[0]


@pytest.mark.parametrize("odd", ["mike@ex\u0430mple.com", "mike@xn--exmple-4nf.com"])
def test_a1_a_domain_that_looks_alike_stays_a_mailbox_of_its_own(odd, django_capture_on_commit_callbacks):
    mike, other = user(VICTIM), user(odd)
    adopt("--verified")
    assert customer_of(mike).email == VICTIM
    assert customer_of(other).email == "mike@xn--exmple-4nf.com"
    with django_capture_on_commit_callbacks(execute=True):
        asked = {"identifier": VICTIM}
        Client().post("/auth/customer/emailpass/reset-password", asked, content_type="application/json")
    assert [message.to for message in mail.outbox] == [[VICTIM]]


@pytest.mark.parametrize("again", [VICTIM, "MIKE@example.com", " mike@EXAMPLE.com"])
def test_a12_users_of_one_address_are_never_merged(again):
    if get_user_model().USERNAME_FIELD == "email":
        pytest.skip("this model has no two of one address; unset TEST_USER_MODEL")
    users = [user(VICTIM, password="the first one's"), user(again, password="the second one's")]
    adopt("--verified")
    assert not Customer.objects.exists()
    assert log_in(VICTIM, "the first one's").status_code == 401
    users[1].email = "other@example.com"
    users[1].save()
    adopt("--verified")
    assert [customer_of(each).email for each in users] == [VICTIM, "other@example.com"]
    assert log_in(VICTIM, "the second one's").status_code == 401


def test_a12_a_customer_is_never_joined_with_a_user_of_the_same_address(verified):
    person, _ = verified(VICTIM)
    get_user_model().objects.filter(registered_customer=person.id).update(email="elsewhere@example.com")
    user(VICTIM, password="the old shop's")
    adopt("--verified")
    assert Customer.objects.get().pk == person.id
    assert log_in(VICTIM, "the old shop's").status_code == 401


def test_b1_an_adopted_address_that_is_not_proven_is_nobodys_to_claim(api):
    mike = user(VICTIM)
    adopt()
    claim = {"email": VICTIM, "password": "the stranger's"}
    assert api.post("/auth/customer/emailpass/register", claim).status_code == 401
    assert customer_of(mike).email == VICTIM
    assert customer_of(mike).claim_expires_at is None
