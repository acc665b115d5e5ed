"""The shop's own routes."""

import pytest
from rest_framework.test import APIClient

from shop.models import Order


def test_a_customer_orders(customer_client):
    assert customer_client.post("/orders", {"item": "tea"}, format="json").status_code == 201
    assert Order.objects.get().customer == customer_client.customer
    assert customer_client.get("/orders").json() == {"orders": ["tea"]}
    assert customer_client.get("/store/customers/me").json()["customer"]["id"] == customer_client.customer.pk


def test_nobody_sees_another_s_orders(customer_client, customer_factory):
    Order.objects.create(customer=customer_client.customer, item="tea")
    other = customer_client(customer_factory(first_name="Joe"))
    assert other.customer.first_name == "Joe"
    assert other.get("/orders").json() == {"orders": []}
    assert APIClient().get("/orders").status_code == 401


def test_a_customer_who_has_left_keeps_the_shop_s_rows(customer_factory):
    customer = customer_factory(email="Jane@Example.com", phone="(415) 555-2671", metadata={"tier": "gold"})
    Order.objects.create(customer=customer, item="tea")
    assert (customer.email, customer.phone) == ("jane@example.com", "+14155552671")
    assert customer.orders.count() == 1
    assert customer.metadata == {"tier": "gold"}


def test_a_view_that_goes_by_django_s_login(customer_client):
    customer_client.force_login(customer_client.customer.user)
    assert customer_client.get("/desk").json() == {"orders": 0}


def test_a_second_factor(customer_factory, authenticator_code):
    pytest.importorskip("pyotp", reason="it comes with the extra mfa")
    customer = customer_factory(second_factor=True)
    assert len(authenticator_code(customer)) == 6
