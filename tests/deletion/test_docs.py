"""What ``docs/account-deletion.md`` and its neighbours say of deletion: the examples run, the tables are right."""

import json
import re
from datetime import UTC, datetime
from functools import partial, reduce
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command, load_command_class
from django.template import engines

import customer_registration
from customer_registration import signals
from customer_registration.api.admin.requests import ORDERS
from customer_registration.conf import config
from customer_registration.enums import Channel, DeletionStatus
from customer_registration.flows.deletion.executor import Run
from customer_registration.flows.housekeeping import purge
from customer_registration.messaging import samples
from customer_registration.models import AccountDeletionRequest, Customer
from tests.deletion.due import due
from tests.pages import run_example
from tests.shop.models import Cart, Invoice, Order
from tests.shop.tables import installed

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "account-deletion.md").read_text()
TEMPLATES = Path(customer_registration.__file__).parent / "templates" / "customer_registration"

pytestmark = pytest.mark.django_db
shop = pytest.fixture(installed, scope="module", autouse=True)


@pytest.fixture
def example(monkeypatch):
    """Import an example of the page by its path, in a project whose tables are the shop's."""
    return partial(run_example, monkeypatch, DOCS)


@pytest.fixture
def receivers(example):
    """The receivers of the page, connected for a test, and whom the newsletter has forgotten."""
    forgotten = []
    module = example("shop/receivers.py", newsletter={"forget": forgotten.append})
    connected = {
        signals.account_about_to_be_erased: module.wait_for_invoices,
        signals.account_erased: module.leave_the_newsletter,
        signals.personal_data_requested: module.add_orders,
    }
    yield forgotten
    assert all(signal.disconnect(receiver) for signal, receiver in connected.items())


def rows(page, header):
    """Return the table below a header, as lists of cells without their code marks."""
    below = page.partition(f"{header}\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert below, header
    return [[cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in below]


def reasons():
    """Erase what is due; return why accounts stay."""
    return [failure.reason for failure in Run().work().failures]


# Examples


def test_the_handler_keeps_debtors_and_decides_by_orders(example, configure):
    example("shop/leaving.py")
    configure(ACCOUNT_DELETION_REQUEST={"HANDLER": "shop.leaving.erase"})
    debtor, buyer, visitor = (due(name).customer for name in ("debtor", "buyer", "visitor"))
    Invoice.objects.create(customer=debtor)
    Order.objects.create(customer=buyer)
    carts = [Cart.objects.create(user=customer.user).pk for customer in (debtor, buyer, visitor)]
    assert reasons() == ["There is an open invoice."]
    left = Customer.objects.in_bulk()
    assert (left[debtor.pk].email, left[buyer.pk].email) == (debtor.email, None)
    assert visitor.pk not in left
    assert [cart.pk for cart in Cart.objects.all()] == carts[:1]


def test_the_receivers_veto_and_are_told(receivers, django_capture_on_commit_callbacks):
    customer = due().customer
    invoice = Invoice.objects.create(customer=customer)
    assert reasons() == ["There is an open invoice."]
    invoice.delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert reasons() == []
    assert receivers == [customer.pk]


def test_the_receivers_add_to_an_export(receivers):
    customer = due().customer
    order, printed = Order.objects.create(customer=customer), StringIO()
    call_command("export_customer", customer.pk, stdout=printed)
    data = json.loads(printed.getvalue())
    assert data["orders"] == [{"id": order.pk}]
    assert DOCS.count(", ".join(f"`{name}`" for name in list(data)[:7]) + " and `deletion_requests`") == 1
    assert list(data)[7] == "deletion_requests"


def test_the_adapter_takes_a_date_that_tells_something(example, configure):
    example("shop/users.py")
    configure(USER_ADAPTER="shop.users.ShopUserAdapter")
    user_id = due().customer.user_id
    assert reasons() == []
    user = get_user_model().objects.get(pk=user_id)
    assert user.date_joined == datetime(1970, 1, 1, tzinfo=UTC)
    assert (user.email, user.is_active) == ("", False)


def test_a_template_spells_the_day():
    [shown] = re.findall(r"`({{ scheduled_on.*? }})`", DOCS)
    assert engines["django"].from_string(shown).render({"scheduled_on": datetime(2026, 11, 29)}) == "Nov. 29, 2026"


# Tables


def test_the_defaults_are_those_of_the_settings(settings):
    settings.CUSTOMER_REGISTRATION = {}
    told = set()
    for names, default, *_ in rows(DOCS, "| Option | Default | What it does |"):
        path = names.split(" / ")[0]
        if re.match(r"ACCOUNT_DELETION_|RETENTION_DAYS|REGISTRATION\.PURGE_", path):
            value = reduce(getattr, path.lower().split("."), config())
            assert default.replace('"', "") == str(list(value) if isinstance(value, tuple) else value), path
            told.add(path)
    assert len(told) == 8, told


def test_every_message_is_named():
    ours = {path.name.partition(".")[0] for path in TEMPLATES.glob("*/account_*")}
    assert {name for name, _ in rows(DOCS, "| Name | When |")} == ours
    listed = rows((ROOT / "docs" / "messages.md").read_text(), "| Name | Carries | Settings |")
    every = {kind for channel in Channel for kind in samples.kinds(channel)}
    assert {name for names, *_ in listed for name in names.split(", ")} == every


def test_every_status_has_a_row():
    assert {status for status, *_ in rows(DOCS, "| Status | Since | Then |")} == set(DeletionStatus.values)


def test_every_signal_of_deletion_has_a_row():
    told = {name for name, *_ in rows(DOCS, "| `customer_registration.signals` | Arguments | When |")}
    assert told == {name for name in vars(signals) if re.match("account_|personal_", name)}


def test_every_option_of_the_executor_has_a_row():
    assert {cell.split()[0] for cell, _ in rows(DOCS, "| `purge_accounts` | |")} == options("purge_accounts")


def options(command):
    """Return a command's own options."""
    parser = load_command_class("customer_registration", command).create_parser("manage.py", command)
    plain = load_command_class("django.core", "check").create_parser("manage.py", "check")
    return set(parser._option_string_actions) - set(plain._option_string_actions) - {"-h", "--skip-checks"}


def test_every_kind_of_housekeeping_has_a_row():
    assert [kind for kind, _ in rows(DOCS, "| | Cleared |")] == list(purge())


def test_every_permission_of_the_admin_has_a_row():
    told = {permission for _, permission, _ in rows(DOCS, "| Action | Permission | On |")}
    assert told == {codename for codename, _ in AccountDeletionRequest._meta.permissions}


def test_every_order_of_the_list_is_named():
    listed = {name: text for name, _, text in rows(DOCS, "| Parameter | Default | |")}
    assert set(re.findall(r"\w+_at|status|id", listed["order"])) == set(ORDERS)
