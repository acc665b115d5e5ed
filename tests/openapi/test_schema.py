"""What generated clients go by: names, shapes, who may ask."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from customer_registration.api.schema import tags
from customer_registration.api.schema.answers import GRANT
from customer_registration.client import StorefrontClient
from tests.openapi.conftest import made, operations

CUSTOMER = [{"loginToken": []}, {"sessionCookie": []}]
# Where the Python client's name, which stands alone there, would be too little among a project's own operations.
OTHERWISE = {
    "register_customer": "register",
    "log_in": "login",
    "get_customer": "me",
    "update_customer": "update_me",
    "refresh_token": "refresh",
    "log_in_with_code": "login_with_code",
    "log_in_with_registration_code": "login_with_registration_code",
    "log_out_everywhere": "log_out_everywhere",
    "get_session_customer": "session_customer",
}
NOT_IN_THE_CLIENT = {"patch_customer", "list_deletion_requests", "get_deletion_request"}


def test_an_operation_is_called_as_the_python_client_calls_it(schema: dict[str, Any]) -> None:
    ids = {re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name) for name in operations(schema)}
    methods = {name for name in vars(StorefrontClient) if not name.startswith("_")}
    assert {OTHERWISE.get(name, name) for name in ids - NOT_IN_THE_CLIENT} <= methods


def test_every_operation_says_what_it_is_for(schema: dict[str, Any]) -> None:
    known = {value for name, value in vars(tags).items() if name.isupper()}
    for name, operation in operations(schema).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= known, name
        assert all(answer["description"] for answer in operation["responses"].values()), name


@pytest.mark.parametrize("settings", [{}, {"OAS_VERSION": "3.1.1"}], ids=["3.0", "3.1"])
def test_components_are_called_after_what_they_are(settings: dict[str, Any]) -> None:
    components = made(**settings)["components"]["schemas"]
    assert [name for name in components if not re.search("(Object|Answer|Body|Error)$", name)] == []


def test_a_login_answers_one_of_three(schema: dict[str, Any]) -> None:
    answer = operations(schema)["logIn"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert [each["$ref"].rpartition("/")[2] for each in answer["oneOf"]] == [each.__name__ for each in GRANT]


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("getCustomer", CUSTOMER),
        ("changeContact", CUSTOMER),
        ("logIn", None),
        ("sendCode", None),
        ("createCustomer", [{"registrationToken": []}, {"sessionCookie": []}]),
        ("completePasswordReset", [{"resetToken": []}, {}]),
        ("verifyMfaChallenge", [{"registrationToken": []}]),
        ("endSession", [{"sessionCookie": []}]),
        ("listDeletionRequests", [{"staffToken": []}, {"staffSession": []}, {"sessionCookie": []}]),
    ],
)
def test_who_may_ask(schema: dict[str, Any], name: str, ways: list[Any] | None) -> None:
    assert operations(schema)[name].get("security") == ways


def test_every_way_to_ask_is_declared_and_used(schema: dict[str, Any]) -> None:
    used = {name for each in operations(schema).values() for way in each.get("security", []) for name in way}
    assert used == set(schema["components"]["securitySchemes"])
    assert all(re.fullmatch(r"[a-zA-Z]+", name) for name in used)


def test_the_publishable_key_is_asked_for_where_the_project_has_one(
    schema: dict[str, Any], configure: Callable[..., None]
) -> None:
    assert "publishableKey" not in schema["components"]["securitySchemes"]
    configure(PUBLISHABLE_API_KEYS=["pk_shop"])
    keyed = made()
    scheme = keyed["components"]["securitySchemes"]["publishableKey"]
    assert (scheme["in"], scheme["name"]) == ("header", "x-publishable-api-key")
    assert operations(keyed)["sendCode"]["security"] == [{"publishableKey": []}]
    assert operations(keyed)["getCustomer"]["security"] == [
        {"loginToken": [], "publishableKey": []},
        {"sessionCookie": [], "publishableKey": []},
    ]
    assert operations(keyed)["logIn"].get("security") is None


def test_the_cookie_is_called_as_the_project_calls_it(settings: Any) -> None:
    settings.SESSION_COOKIE_NAME = "shop"
    assert made()["components"]["securitySchemes"]["sessionCookie"]["name"] == "shop"


@pytest.mark.parametrize("name", ["logIn", "sendCode", "changeContact"])
def test_who_is_told_to_wait_is_told_how_long(schema: dict[str, Any], name: str) -> None:
    for status in ("429", "503"):
        header = operations(schema)[name]["responses"][status]["headers"]["Retry-After"]
        assert header["required"] is True
        assert header["schema"]["type"] == "integer"


def test_the_body_of_a_delete_is_described(schema: dict[str, Any]) -> None:
    body = operations(schema)["removeMfaFactor"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/FactorProofBody"}


@pytest.mark.parametrize(
    "options",
    [
        {"REGISTRATION": {"IDENTIFIER": "phone"}},
        {"REGISTRATION": {"IDENTIFIER": "both", "EXISTING_ACCOUNT": "conceal"}},
        {"LOGIN": {"UNVERIFIED_RESPONSE": "challenge", "SECOND_STEP": "otp"}},
        {"PASSWORDLESS": {"CONCEAL": False}},
    ],
)
def test_the_modes_change_nothing_of_it(
    schema: dict[str, Any], configure: Callable[..., None], options: dict[str, Any]
) -> None:
    configure(**options)
    assert made() == schema
