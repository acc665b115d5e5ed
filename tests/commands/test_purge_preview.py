"""manage.py purge_accounts --dry-run: nothing changes, and what it foretells is what the run then does."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from customer_registration.enums import ErasureStrategy
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage
from tests.deletion.due import customer_named, due, everybody_due, make_staff, purge
from tests.shop.models import Cart, CartLine, Invoice, Order, Pledge, Segment, Wishlist
from tests.shop.tables import installed

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
shop = pytest.fixture(installed, scope="module", autouse=True)

USER = get_user_model()._meta.label
MEMBERS = Segment.members.through._meta.label


def foretold(*arguments):
    """Return what a dry run says: {(model, fate): rows}."""
    said = purge("--dry-run", *arguments)
    return {(model, fate): int(rows) for rows, model, fate in re.findall(r"^ +(\d+) (\S+) (\w+)$", said, re.MULTILINE)}


def dump():
    """Return every row of every table."""
    with connection.cursor() as cursor:
        tables = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            tables[table] = Counter(map(repr, cursor.fetchall()))
    return tables


def counts():
    """Return how many rows each model has."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    own = [model for model in models if not (model._meta.swapped or model._meta.proxy or model is ContentType)]
    return {model._meta.label: model._base_manager.count() for model in own}


@pytest.fixture
def three_with_a_shop():
    """Three who are due, with carts and wishes and codes, and a stranger who has as many."""
    people = [request.customer for request in everybody_due(3)]
    segment = Segment.objects.create()
    for customer in (*people, customer_named("stranger")):
        segment.members.add(customer)
        for _ in range(2):
            CartLine.objects.create(cart=Cart.objects.create(user=customer.user))
        Wishlist.objects.create(owner=customer.user)
        AccountEvent.of("customer_created", customer).save()
        otp = OtpVerification.objects.create(
            purpose="email_change", channel="email", customer=customer, max_attempts=5, expires_at=customer.created_at
        )
        OutboxMessage.objects.create(kind="email_change", channel="email", customer=customer, otp=otp)
    return people


@pytest.mark.parametrize("strategy", ErasureStrategy)
@pytest.mark.parametrize("limit", [[], ["--limit", "2"]])
def test_nothing_is_changed(three_with_a_shop, strategy, limit):
    before = dump()
    said = purge("--dry-run", "--strategy", strategy, *limit)
    assert said.splitlines()[0] == (f"{2 if limit else 3} accounts are due; strategy {strategy}. Nothing was changed.")
    assert dump() == before


def test_deletion_by_model(three_with_a_shop):
    lines = foretold("--strategy", "delete")
    assert lines == {
        (USER, "deleted"): 3,
        ("customer_registration.Customer", "deleted"): 3,
        ("customer_registration.OutboxMessage", "deleted"): 3,
        ("customer_registration.OtpVerification", "deleted"): 3,
        ("customer_registration.AccountEvent", "blanked"): 3,
        ("shop.Cart", "deleted"): 6,
        ("shop.CartLine", "deleted"): 6,
        (MEMBERS, "deleted"): 3,
        ("shop.Wishlist", "kept"): 3,
    }


def test_anonymisation_by_model(three_with_a_shop):
    Order.objects.create(customer=three_with_a_shop[0])
    lines = foretold()
    assert lines == {
        (USER, "anonymised"): 3,
        ("customer_registration.Customer", "anonymised"): 3,
        ("customer_registration.OutboxMessage", "deleted"): 3,
        ("customer_registration.OtpVerification", "deleted"): 3,
        ("customer_registration.AccountEvent", "blanked"): 3,
        ("shop.Cart", "kept"): 6,
        (MEMBERS, "kept"): 3,
        ("shop.Wishlist", "kept"): 3,
        ("shop.Order", "kept"): 1,
    }


@pytest.mark.parametrize("strategy", ErasureStrategy)
@pytest.mark.parametrize("limit", [[], ["--limit", "2"]])
def test_the_run_does_what_was_foretold(three_with_a_shop, strategy, limit):
    arguments = ["--strategy", strategy, *limit]
    lines, before = foretold(*arguments), counts()
    assert lines
    erased = 2 if limit else 3
    assert f"{erased} erased, 0 failed" in purge(*arguments)
    after = counts()
    # What an erasure writes: the last message, an event, and how much the messages counted for.
    after["customer_registration.KeptFigure"] = before["customer_registration.KeptFigure"]
    after["customer_registration.OutboxMessage"] -= erased
    after["customer_registration.AccountEvent"] -= erased
    lost = {label: before[label] - after[label] for label in before if before[label] != after[label]}
    assert lost == {model: rows for (model, fate), rows in lines.items() if fate == "deleted"}
    emptied = Customer.objects.filter(email=None).count()
    assert emptied == lines.get(("customer_registration.Customer", "anonymised"), 0)


@pytest.mark.parametrize("model", [Order, Invoice])
def test_what_protects_is_named(three_with_a_shop, model):
    model.objects.create(customer=three_with_a_shop[0])
    assert foretold("--strategy", "delete")[model._meta.label, "protects"] == 1
    assert foretold()[model._meta.label, "kept"] == 1


def test_what_protects_two_steps_away_is_named(three_with_a_shop):
    Pledge.objects.create(line=CartLine.objects.filter(cart__user=three_with_a_shop[0].user).first())
    assert foretold("--strategy", "delete")["shop.Pledge", "protects"] == 1


def test_only_one_customer(three_with_a_shop):
    lines = foretold("--customer", three_with_a_shop[1].pk, "--strategy", "delete")
    assert (lines[USER, "deleted"], lines["shop.Cart", "deleted"]) == (1, 2)


def test_who_is_staff_by_now_is_not_foretold():
    make_staff(due("boss").customer)
    due()
    assert foretold()["customer_registration.Customer", "anonymised"] == 1


def test_a_handler_is_not_asked_and_the_dry_run_says_so(configure):
    due()
    configure(ACCOUNT_DELETION_REQUEST={"HANDLER": f"{__name__}.never_called"})
    assert "The project's HANDLER was not asked" in purge("--dry-run")


def never_called(customer, request):
    """Fail the test that calls it."""
    raise AssertionError


def test_with_nothing_due_nothing_is_foretold():
    customer_named("jane")
    assert foretold() == {}
    assert purge("--dry-run") == "0 accounts are due; strategy anonymize. Nothing was changed.\n"


def test_a_dry_run_draws_no_bar_and_reads_as_lines(three_with_a_shop):
    said = purge("--dry-run", "--strategy", "delete").splitlines()[1:]
    assert said
    assert all(re.fullmatch(r" +\d+ \S+ (deleted|kept|blanked)", line) for line in said)
