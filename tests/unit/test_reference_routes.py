"""``docs/reference/routes.md``: every route with what it takes and answers, as the code describes itself to OpenAPI."""

import re
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from customer_registration.api.schema import security
from customer_registration.api.schema.errors import shape_of
from customer_registration.api.urls import ANY_METHOD, urlpatterns
from tests.pages import table

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "routes.md").read_text()
ROWS = {row[0].strip("`"): row[1:] for row in table(PAGE, "| Route | Auth | Body | Answer | Errors | What it does |")}
SHORT = {word.strip("*"): re.findall(r"`(\w+)`", errors) for word, errors in table(PAGE, "| Errors | Stands for |")}
GRANT = "{token, mfa_required?, mfa_challenge?, verification_required?, verification?}"
AUTH = {
    security.NOBODY: "–",
    security.LOGIN: "login",
    security.REGISTRATION: "registration",
    security.COOKIE: "cookie",
    security.RESET: "reset",
    security.STAFF: "staff",
    security.STAFF_SESSION: "admin",
}


def routes():
    """Yield the name of every route as the page spells it, with its view and the method."""
    for pattern in urlpatterns:
        if pattern.callback.actions != ANY_METHOD:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
            for method, action in pattern.callback.actions.items():
                if method != "head":  # which REST framework adds at the first call
                    yield f"{method.upper()} /{path}", pattern.callback.cls, getattr(pattern.callback.cls, action)


VIEWS = {route: view for route, view, _ in routes()}
OPERATIONS = {route: method.operation for route, _, method in routes()}
GUARDS = {"login, cookie": {"IsCustomer"}, "staff, admin, cookie": {"IsStaff"}}


@pytest.fixture(scope="module")
def schema():
    """Return the OpenAPI schema."""
    return SchemaGenerator(urlconf="customer_registration.api.urls").get_schema(request=None, public=True)


@pytest.fixture
def described(schema):
    """Return a function that returns a route's part of the schema."""

    def found(route):
        method, path = route.split(" ")
        return schema["paths"][path][method.lower()]

    return found


@pytest.fixture
def shape(schema):
    """Return a function that returns the keys of a part of the schema, each with whether it is always there."""

    def resolved(part):
        while "$ref" in part:
            part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
        return part

    def keys(part):
        part = resolved(part)
        found = {name: name in part.get("required", ()) for name in part.get("properties", {})}
        for each in map(keys, part.get("allOf", ())):
            found |= each
        for alternatives in (part.get("oneOf"), part.get("anyOf")):
            shapes = [keys(each) for each in alternatives or ()]
            names = dict.fromkeys(name for each in shapes for name in each)
            found |= {name: all(each.get(name) for each in shapes) for name in names}
        return found

    return keys


def told(cell):
    """Return the keys of a cell such as ``{token, code?}``, each with whether it is always there."""
    inner = re.search(r"\{(.*?)\}", cell)
    names = [name.strip() for name in inner[1].split(",")] if inner else []
    return {name.rstrip("?"): not name.endswith("?") for name in names}


def test_every_route_has_a_row_and_no_row_is_invented():
    assert sorted(ROWS) == sorted(OPERATIONS)


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_a_route_takes_the_auth_that_is_told(route):
    assert ROWS[route][0].split(", ") == [AUTH[way] for way in OPERATIONS[route].access]
    guards = {guard.__name__ for guard in VIEWS[route].permission_classes}
    assert ROWS[route][0] not in GUARDS or guards == GUARDS[ROWS[route][0]]


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_a_route_takes_the_body_that_is_told(route, described, shape):
    body = described(route).get("requestBody")
    assert told(ROWS[route][1]) == (shape(body["content"]["application/json"]["schema"]) if body else {})


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_a_route_answers_what_is_told(route, described, shape):
    cell = ROWS[route][2].replace("grant", GRANT)
    [(status, answer)] = [each for each in described(route)["responses"].items() if each[0].startswith("2")]
    assert status == (re.match(r"(2\d\d), ", cell) or [None, "200"])[1]
    kind, content = next(iter(answer["content"].items()))
    if kind == "text/plain":
        assert "the text `" in cell
        return
    keys, told_keys = shape(content["schema"]), told(cell)
    assert set(told_keys) <= set(keys)
    assert {name for name, always in keys.items() if always} <= set(told_keys)


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_a_route_answers_the_errors_that_are_told(route):
    cell = ROWS[route][3]
    names = re.findall(r"`(\w+)`", cell) + [name for word in re.findall(r"\*(\w+)\*", cell) for name in SHORT[word]]
    shapes = map(shape_of, OPERATIONS[route].raises)
    assert sorted(names) == sorted({shape.code or shape.type or "guard" for shape in shapes})


def test_every_kind_of_auth_is_explained():
    assert {name for name, _ in table(PAGE, "| Auth | What the request carries |")} == set(AUTH.values())
