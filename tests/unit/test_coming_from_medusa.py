"""What `docs/coming-from-medusa.md` calls ours exists, and what it says is not served is refused."""

import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from django.conf import global_settings
from django.core.management import get_commands
from django.dispatch import Signal
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from customer_registration import signals
from customer_registration.api.urls import urlpatterns
from customer_registration.conf import Config

PAGE = (Path(__file__).parents[2] / "docs" / "coming-from-medusa.md").read_text(encoding="utf-8")
HEADER = "| Theirs | Ours | What differs |"
NOTHING = "–"
STAND_INS = {"{actor}": "customer", "{provider}": "emailpass", "{id}": "01M8B4VH0NHGRCRPXVPAG3NEK0"}
ROUTE = re.compile(r"(GET|POST|PATCH|DELETE) (/[\w/{}.-]+)")


def rows():
    """Yield the cells of every row of the tables that map theirs to ours."""
    for table in PAGE.split(HEADER)[1:]:
        for line in table.strip().splitlines()[1:]:
            if not line.startswith("|"):
                break
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


ROWS = list(rows())
OURS = sorted({name for _, ours, _ in ROWS for name in re.findall(r"`([^`]+)`", ours)})


def is_option(path):
    """Whether ``A.B`` are keys of the project's dict, or ``A`` a setting of Django's."""
    where = Config
    for key in path.split("."):
        found = {field.name.upper(): field for field in fields(where)}.get(key) if is_dataclass(where) else None
        if found is None:
            return "." not in path and hasattr(global_settings, path)
        where = found.default_factory if inspect.isclass(found.default_factory) else found.type
    return True


def is_route(name):
    """Whether a method and a path are served by a view of ours that is more than the 404 of unknown paths."""
    method, path = ROUTE.fullmatch(name).groups()
    for placeholder, value in STAND_INS.items():
        path = path.replace(placeholder, value)
    try:
        match = resolve(path, urlconf="customer_registration.urls")
    except Resolver404:
        return False
    return not match.url_name.startswith("unknown-") and method.lower() in match.func.actions


def is_imported(name):
    """Whether a dotted path leads to a class, or to a method of one."""
    try:
        import_string(name)
    except ImportError:
        owner, _, attribute = name.rpartition(".")
        return hasattr(import_string(owner), attribute)
    return True


def exists(name):
    """Whether a name of the column "Ours" is there."""
    if ROUTE.fullmatch(name):
        return is_route(name)
    if name.startswith("manage.py "):
        return name.split()[1] in get_commands()
    if name.isupper():
        return is_option(name)
    if name.startswith("customer_registration."):
        return is_imported(name)
    return isinstance(getattr(signals, name, None), Signal)


def test_the_tables_are_read():
    assert len(ROWS) > 100
    assert all(len(row) == 3 and all(row) for row in ROWS)


@pytest.mark.parametrize("name", OURS)
def test_what_is_called_ours_exists(name):
    assert exists(name), f"{name} is in the column 'Ours', and nowhere else"


@pytest.mark.parametrize(
    "name",
    [
        "POST /store/customers/me/addresses",
        "PATCH /auth/session",
        "GET /store/carts",
        "OTP.LENGHT",
        "OTP.LENGTH.MORE",
        "OTP_SECRET",
        "otp_generate",
        "manage.py import_shopify",
        "customer_registration.models.Customer.no_such_name",
    ],
)
def test_what_does_not_exist_is_noticed(name):
    assert not exists(name)


def test_a_row_without_ours_says_what_to_do_instead():
    without = [theirs for theirs, ours, differs in ROWS if NOTHING in (theirs, ours) and differs == NOTHING]
    assert without == []


def test_every_route_of_ours_is_named():
    named = {ROUTE.fullmatch(name)[2].replace("{actor}", "customer") for name in OURS if ROUTE.fullmatch(name)}
    served = {str(each.pattern) for each in urlpatterns if not each.name.startswith("unknown-")}
    ours = {"/" + re.sub(r"<str:(?:\w+_)?(\w+)>", r"{\1}", path).replace("{actor}", "customer") for path in served}
    assert ours - named == set()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/auth/customer/google", 405),
        ("post", "/auth/customer/google/callback", 404),
        ("get", "/auth/customer/google/callback", 404),
        ("get", "/store/customers/me/addresses", 404),
        ("post", "/store/customers/me/addresses", 404),
        ("get", "/store/customers/me/addresses/1", 404),
        ("post", "/store/customers/me/addresses/1", 404),
        ("delete", "/store/customers/me/addresses/1", 404),
        ("post", "/store/carts", 404),
        ("get", "/store/orders", 404),
        ("get", "/store/products", 404),
        ("get", "/store/regions", 404),
    ],
)
def test_what_is_not_served_is_refused_in_the_shape_of_the_protocol(method, path, status):
    answer = getattr(Client(), method)(path)
    assert answer.status_code == status
    assert set(answer.json()) == {"type", "message", "code"}
