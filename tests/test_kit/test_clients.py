"""Clients that are logged in."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from customer_registration.exceptions import AccountDeletionPending, AccountInactive, VerificationRequired
from customer_registration.testing import CustomerClient

ME = "/store/customers/me"


def test_a_client_speaks_for_its_customer(customer_client):
    assert isinstance(customer_client, APIClient)
    assert customer_client.get(ME).json()["customer"]["id"] == customer_client.customer.pk


def test_another_client_for_another_customer(customer_client, customer_factory):
    jane = customer_factory(email="jane@example.com")
    hers = customer_client(jane)
    assert hers.customer == jane
    assert hers.get(ME).json()["customer"]["email"] == "jane@example.com"
    assert customer_client.get(ME).json()["customer"]["id"] == customer_client.customer.pk


def test_the_token_is_a_login_as_any(customer_client):
    answer = customer_client.post("/auth/token/refresh", format="json")
    assert answer.status_code == 200, answer.content
    answer = customer_client.post(f"{ME}/logout-all", format="json")
    assert answer.status_code == 200, answer.content
    assert customer_client.get(ME).status_code == 401


@pytest.mark.parametrize("mode", ["email", "phone", "both"])
def test_in_every_mode(customer_factory, configure, mode):
    configure(REGISTRATION={"IDENTIFIER": mode}, USER_ADAPTER="tests.user_models.adapters.NamedByIdAdapter")
    customer = customer_factory()
    assert CustomerClient(customer).get(ME).json()["customer"]["phone"] == customer.phone


def test_a_second_factor_has_been_shown(customer_factory, configure):
    guarded = CustomerClient(customer_factory(second_factor=True))
    assert guarded.get(ME).status_code == 200
    assert guarded.post("/auth/token/refresh", format="json").status_code == 200
    configure(LOGIN={"SECOND_STEP": "otp"})
    assert CustomerClient(customer_factory()).get(ME).status_code == 200


def test_who_could_not_log_in_is_not_logged_in(customer_factory, configure):
    with pytest.raises(VerificationRequired):
        CustomerClient(customer_factory(verified=False))
    configure(LOGIN={"UNVERIFIED_RESPONSE": "challenge"})
    with pytest.raises(VerificationRequired):
        CustomerClient(customer_factory(verified=False))
    with pytest.raises(AccountDeletionPending):
        CustomerClient(customer_factory(deletion_scheduled_at=timezone.now() + timedelta(days=1)))
    inactive = customer_factory()
    inactive.user.is_active = False
    with pytest.raises(AccountInactive):
        CustomerClient(inactive)


def test_without_verification_nobody_has_to_prove_anything(customer_factory, configure):
    configure(REGISTRATION={"REQUIRE_VERIFICATION": False})
    customer = customer_factory(verified=False)
    assert customer.claim_expires_at is None
    assert CustomerClient(customer).get(ME).status_code == 200


def test_options_are_those_of_rest_framework_s_client(customer_factory):
    assert CustomerClient(customer_factory(), enforce_csrf_checks=True).handler.enforce_csrf_checks
