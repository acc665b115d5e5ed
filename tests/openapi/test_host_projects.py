"""In a project with routes and settings of its own, our part of the schema is the same, and so is theirs."""

import subprocess
import sys
from typing import Any

import pytest
from drf_spectacular.openapi import AutoSchema
from rest_framework.schemas import DefaultSchema

from customer_registration.api.schema.lazy import LazyInspector
from tests.openapi.conftest import made, operations

HOST, BOTH = "tests.openapi.host_urls", "tests.openapi.host_with_us_urls"

WITHOUT = """
import sys
sys.modules["drf_spectacular"] = None
import django
from django.conf import settings

theirs = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "rest_framework"]
settings.configure(
    SECRET_KEY="for-tests-only" * 4, USE_TZ=True, INSTALLED_APPS=[*theirs, "customer_registration"],
    ROOT_URLCONF="customer_registration.urls", ALLOWED_HOSTS=["*"],
)
django.setup()
from django.test import Client
assert Client().get("/auth/customer/providers").status_code == 200
"""


def test_their_components_are_theirs() -> None:
    alone, together = made(HOST), made(BOTH)
    theirs = alone["components"]["schemas"]
    assert {"Order", "StatusEnum", "ProviderEnum", "TypeEnum"} <= set(theirs)
    assert {name: together["components"]["schemas"][name] for name in theirs} == theirs
    assert together["paths"]["/orders"] == alone["paths"]["/orders"]


def test_a_view_of_theirs_that_our_tokens_open_says_so() -> None:
    assert made(HOST)["paths"]["/orders"]["get"]["security"] == [{"loginToken": []}]
    assert "loginToken" in made(HOST)["components"]["securitySchemes"]


def test_our_operations_are_the_same_under_a_prefix(schema: dict[str, Any]) -> None:
    together = operations(made(BOTH))
    assert "/shop/store/customers/me" in made(BOTH)["paths"]
    assert {name: together[name] for name in operations(schema)} == operations(schema)


@pytest.mark.parametrize(
    "settings",
    [
        {"OAS_VERSION": "3.1.1"},
        {"COMPONENT_SPLIT_REQUEST": True},
        {"COMPONENT_SPLIT_PATCH": False, "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False},
        {"COMPONENT_NO_READ_ONLY_REQUIRED": True, "ENABLE_LIST_MECHANICS_ON_NON_2XX": True},
        {"SECURITY": [{"theirs": []}], "APPEND_COMPONENTS": {"securitySchemes": {"theirs": {"type": "openIdConnect"}}}},
        {"SCHEMA_PATH_PREFIX": "/shop", "SCHEMA_PATH_PREFIX_TRIM": True},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_it_is_valid_and_without_a_warning_under_settings_of_theirs(settings: dict[str, Any]) -> None:
    if "SECURITY" in settings:
        settings["APPEND_COMPONENTS"]["securitySchemes"]["theirs"]["openIdConnectUrl"] = "https://id.example.com"
    assert {"registerCustomer", "getDeletionRequest"} <= set(operations(made(BOTH, **settings)))


def test_the_defaults_of_their_rest_framework_change_nothing(schema: dict[str, Any], settings: Any) -> None:
    settings.REST_FRAMEWORK = {
        "DEFAULT_SCHEMA_CLASS": "rest_framework.schemas.openapi.AutoSchema",
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
        "PAGE_SIZE": 5,
    }
    assert made() == schema


def test_drf_spectacular_is_asked_where_it_is_among_the_apps(settings: Any) -> None:
    assert isinstance(LazyInspector().inspector, AutoSchema)
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.startswith("drf_spectacular")]
    assert isinstance(LazyInspector().inspector, DefaultSchema)


def test_nothing_is_missed_where_it_is_not_installed() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
