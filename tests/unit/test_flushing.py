"""No test meets what an earlier one committed."""

import pytest
from django.apps import apps

from customer_registration.models import Customer
from tests.flushing import KEPT, empty_tables

pytestmark = pytest.mark.life_cycle


@pytest.mark.django_db(transaction=True)
def test_after_a_test_that_commits_only_what_migrate_wrote_is_there(verified):
    verified()
    assert Customer.objects.exists()
    empty_tables(None)
    assert {model._meta.db_table for model in apps.get_models() if model._base_manager.exists()} == KEPT
