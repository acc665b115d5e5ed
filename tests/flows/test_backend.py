"""EmailOrPhoneBackend, as a host project and Django's own login form use it."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.test import Client

from customer_registration.backends import EmailOrPhoneBackend
from customer_registration.models import Customer
from tests.conftest import PASSWORD, new_user


@pytest.mark.parametrize("keyword", ["email", "email_or_phone", "username"])
def test_a_customer_authenticates_by_address(verified, keyword):
    person, _ = verified()
    user = authenticate(**{keyword: " Jane@Example.com"}, password=PASSWORD)
    assert user == person.row.user
    assert user.registered_customer.pk == person.id
    assert user.backend == "customer_registration.backends.EmailOrPhoneBackend"
    assert authenticate(**{keyword: "jane@example.com"}, password="wrong") is None


@pytest.mark.parametrize("keyword", ["phone", "email_or_phone", "username"])
def test_a_customer_authenticates_by_phone(verified, keyword):
    person, _ = verified(phone="+12025550123")
    assert authenticate(**{keyword: "(202) 555-0123"}, password=PASSWORD) == person.row.user


def test_it_costs_one_query_with_the_customer(verified, counted):
    verified()
    with counted() as queries:
        user = authenticate(email="jane@example.com", password=PASSWORD)
        assert user.registered_customer.email == "jane@example.com"
    assert len(queries.statements) == 1


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"email": "jane@example.com"},
        {"email": "jane@example.com", "phone": "+12025550123", "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
        {"username": "boss", "password": PASSWORD},
        {"email": 5, "password": PASSWORD},
        {"token": "x"},
    ],
)
def test_what_it_cannot_read_is_nobody(verified, credentials):
    verified()
    assert EmailOrPhoneBackend().authenticate(None, **credentials) is None


def test_inactive_users_do_not_authenticate(verified):
    verified()
    get_user_model().objects.update(is_active=False)
    assert authenticate(email="jane@example.com", password=PASSWORD) is None


def test_a_customer_without_a_user_does_not_authenticate(verified):
    verified()
    Customer.objects.update(user=None)
    # Django's own backend goes on to let a user in whose username is the address.
    assert EmailOrPhoneBackend().authenticate(None, email="jane@example.com", password=PASSWORD) is None


def test_e11_no_password_is_no_empty_password(verified):
    person, _ = verified()
    user = person.row.user
    user.set_unusable_password()
    user.save()
    for password in ("", "!", user.password):
        assert authenticate(email="jane@example.com", password=password) is None


def test_djangos_test_client_and_admin_login_work(db):
    name = new_user("boss", "boss@example.com", is_staff=True, is_superuser=True).get_username()
    assert Client().login(username=name, password=PASSWORD)
    client = Client()
    answer = client.post("/django-admin/login/?next=/django-admin/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/django-admin/").status_code == 200


def test_permissions_work_as_in_djangos_own_backend(verified):
    person, _ = verified()
    assert person.row.user.has_perm("auth.add_user") is False
    assert EmailOrPhoneBackend().get_user(person.row.user.pk) == person.row.user
