"""``docs/reference/errors.md``: every error with its type, code, status, message and extra keys, and no other."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import timezone

import customer_registration
from customer_registration import exceptions
from customer_registration.api.errors import STATUS
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import CustomerRegistrationError
from tests.pages import table

PACKAGE = Path(customer_registration.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "reference" / "errors.md").read_text()
HEADER = "| Class | Type | Code | Message | Extra keys | When |"
LISTED = {name.strip("`"): cells for name, *cells in table(PAGE, HEADER)}
ERRORS = {
    name: error
    for name in exceptions.__all__
    if issubclass(error := getattr(exceptions, name), CustomerRegistrationError)
}
MADE = {
    "AccountDeletionPending": [(timezone.now(),)],
    "CustomerExists": [(kind,) for kind in IdentifierKind],
    "IdentityExists": [(kind,) for kind in IdentifierKind],
    "InvalidCredentials": [(kind,) for kind in IdentifierKind],
    "InvalidIdentifier": [(kind,) for kind in IdentifierKind],
    "ProviderNotAllowed": [("<actor>", "<provider>")],
    "Throttled": [(1,)],
    "VerificationRequired": [("cus_…", IdentifierKind.EMAIL)],
}


def made(name):
    """Return an error of a class, of each kind if it has kinds."""
    return [ERRORS[name](*arguments) for arguments in MADE.get(name, [()])]


def extras():
    """Return the keyword arguments that the code raises each class with."""
    found = {name: set().union(*(error.extra for error in made(name))) for name in ERRORS}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in set(ERRORS) - set(MADE)
            ):
                found[node.func.id] |= {keyword.arg for keyword in node.keywords}
    return found


EXTRAS = extras()


def test_every_error_has_a_row_and_no_row_is_invented():
    assert list(LISTED) == sorted(ERRORS)


def test_every_type_has_its_status():
    told = {kind.strip("`"): int(status) for kind, status, _ in table(PAGE, "| Type | Status | Python |")}
    assert told == STATUS


def test_every_type_names_its_base():
    for kind, _, name in table(PAGE, "| Type | Status | Python |"):
        if name != "–":
            assert ERRORS[name.strip("`")].type == kind.strip("`")


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_has_its_type_and_code(name):
    kind, code, *_ = LISTED[name]
    assert (kind, code) == (f"`{ERRORS[name].type}`", f"`{ERRORS[name].code}`" if ERRORS[name].code else "–")


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_has_its_messages(name):
    told = re.findall(r"`(.*?)(?:: …)?`", LISTED[name][2])
    says_nothing = name in ("Conflict", "Duplicate", "NotAllowed")  # which are always given a text
    assert told == ([] if says_nothing else [error.message for error in made(name)])


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_has_its_extra_keys(name):
    assert set(re.findall(r"`(\w+)`", LISTED[name][3])) == EXTRAS[name]


def test_what_the_api_makes_by_itself_is_told():
    source = (PACKAGE / "api" / "errors.py").read_text()
    calls = re.findall(r'_plain\(\s*"(\w+)",\s*"([^"]+)",\s*"(\w+)"(?:, status=(\d+))?', source)
    ours = {code: (kind, int(status or STATUS[kind]), message) for kind, message, code, status in calls}
    rows = table(PAGE, "| Code | Type | Status | Message | When |")
    assert {
        code.strip("`"): (kind.strip("`"), int(status), message.strip("`")) for code, kind, status, message, _ in rows
    } == ours
