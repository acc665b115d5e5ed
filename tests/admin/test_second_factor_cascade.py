"""Factors go with their user, by whoever may delete that; on their own pages nobody deletes them."""

import pytest
from django.urls import reverse

from customer_registration.models import AccountEvent, Customer, SecondFactor
from tests.admin.clerk import LIST, PAGE, Clerk
from tests.conftest import new_user
from tests.second_steps import with_app


@pytest.fixture
def app(api, verified):
    """An app in force."""
    return with_app(api, verified()[1])


@pytest.fixture
def root(api):
    """A superuser."""
    return Clerk(new_user("root", "root@staff.example.com", is_staff=True, is_superuser=True), api.commit)


def test_a_user_with_a_factor_can_be_deleted_by_who_may(app, root):
    user = Customer.objects.get().user
    page = reverse(f"admin:{user._meta.app_label}_{user._meta.model_name}_delete", args=[user.pk])
    assert "authmfa_" in root.client.get(page).rendered_content, "it goes along"
    root.client.post(page, {"post": "yes"})
    assert not SecondFactor.objects.exists()
    assert not Customer.objects.exists()


def test_a_superuser_deletes_no_factor_by_hand(app, root):
    page = reverse(PAGE, args=[app.factor_id]).replace("change", "delete")
    assert root.client.post(page, {"post": "yes"}).status_code == 403
    assert "delete_selected" not in root.listing().rendered_content
    root.client.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [app.factor_id], "post": "yes"})
    assert SecondFactor.objects.get().status == "enabled"
    assert not AccountEvent.objects.filter(kind="factor_removed").exists()
