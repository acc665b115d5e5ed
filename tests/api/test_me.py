"""GET /store/customers/me."""

import pytest

URL = "/store/customers/me"
EVERYTHING = [
    "id", "email", "phone", "email_verified", "phone_verified", "first_name", "last_name", "company_name",
    "has_account", "metadata", "addresses", "created_at", "updated_at", "deleted_at",
]  # fmt: skip


def test_every_key_is_always_there(api, verified):
    person, token = verified()
    answer = api.get(URL, token=token)
    assert answer.status_code == 200
    assert list(answer.json()["customer"]) == EVERYTHING
    assert answer.json()["customer"]["id"] == person.id


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ("email", ["id", "email"]),
        ("email,first_name,nope", ["id", "email", "first_name"]),
        ("", ["id"]),
        ("nope", ["id"]),
        ("*orders", [*EVERYTHING, "orders"]),
        ("%2Borders", [*EVERYTHING, "orders"]),
        ("+orders", [*EVERYTHING, "orders"]),
        ("-metadata,-addresses", [key for key in EVERYTHING if key not in ("metadata", "addresses")]),
        ("email,*orders", ["id", "email", "orders"]),
        ("-id", EVERYTHING),
        ("*orders,-orders", EVERYTHING),
    ],
)
def test_fields_choose(api, verified, fields, keys):
    _, token = verified()
    answer = api.get(f"{URL}?fields={fields}", token=token)
    assert list(answer.json()["customer"]) == keys


def test_orders_are_an_empty_list(api, verified):
    _, token = verified()
    assert api.get(f"{URL}?fields=*orders", token=token).json()["customer"]["orders"] == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_case_insensitive(api, verified, scheme):
    _, token = verified()
    assert api.get(URL, authorization=f"{scheme} {token}").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer null", "Bearer a b c", "Bearer é"])
def test_anything_else_is_nobody(api, header):
    answer = api.get(URL, authorization=header)
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert answer.reason_phrase == "Unauthorized"
    assert "WWW-Authenticate" not in answer.headers


def test_a_registration_token_is_nobody_here(api, sign_up):
    assert api.get(URL, token=sign_up().token).json() == {"message": "Unauthorized"}
