"""The shop's app for the tests that ask for it: ``shop = pytest.fixture(installed, scope="module", autouse=True)``."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import override_settings

from tests.shop.models import TABLES


def installed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Install the shop and make its tables; take both away again, so that no other test has them."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "tests.shop"]):
        apps.clear_cache()  # models remember who refers to them
        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            for model in TABLES:
                editor.create_model(model)
        yield
        with django_db_blocker.unblock(), connection.schema_editor() as editor:
            for model in reversed(TABLES):
                editor.delete_model(model)
    apps.clear_cache()
