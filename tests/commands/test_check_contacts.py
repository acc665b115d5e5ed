"""manage.py check_contacts: what somebody has to decide before users are adopted, masked, and nothing is written."""

import json
import sqlite3

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from customer_registration.flows.adoption import lookalikes, survey
from customer_registration.models import Customer
from tests.commands.users import adopt, check, user

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]

TWINS = get_user_model().USERNAME_FIELD != "email"
only_with_twins = pytest.mark.skipif(not TWINS, reason="this model has no two of one address; unset TEST_USER_MODEL")


@pytest.fixture
def without_the_table(monkeypatch):
    monkeypatch.setattr(lookalikes, "_table", lambda: None)


def findings(*arguments):
    """Return what the JSON says: the findings, and the summary."""
    lines = [json.loads(line) for line in check("--format", "json", *arguments)[0].splitlines()]
    return lines[:-1], lines[-1]["summary"]


def test_where_all_is_well_it_says_so():
    user("jane@example.com")
    said, status = check()
    assert status == 0
    assert said.splitlines()[-1] == "1 can be adopted. Left out anyway: 0 staff, 0 inactive. Nothing was changed."


def test_it_writes_nothing():
    user("jane@example.com"), user("nonsense"), user("m\u0131ke@example.com")
    with CaptureQueriesContext(connection) as asked:
        check()
    assert {each["sql"].split()[0] for each in asked.captured_queries} == {"SELECT"}


@only_with_twins
@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("jane@example.com", "jane@example.com", "identical"),
        ("jane@example.com", "Jane@EXAMPLE.com", "differ in case only"),
        ("jane@ex\u00e4mple.de", "jane@xn--exmple-cua.de", "differ in spelling, and are one contact"),
    ],
)
def test_duplicates_are_named_with_how_they_differ(one, other, how):
    first, second = user(one), user(other)
    user("kim@example.com")
    said, status = check()
    assert status == 1
    assert "Duplicates, of which none is adopted: 1 contact of 2 users" in said
    assert f"users {first.pk}, {second.pk}; {how}" in said
    assert "1 can be adopted" in said


@only_with_twins
def test_one_address_of_very_many_users_is_one_line():
    keys = [str(user("info@example.com").pk) for _ in range(12)]
    line = next(line for line in check()[0].splitlines() if "i***@example.com" in line)
    assert line == f"  e-mail address i***@example.com: users {', '.join(keys[:10])} and 2 more; identical"
    found, summary = findings()
    assert [each["user"] for each in found] == keys
    assert {each["group"] for each in found} == {1}
    assert summary["duplicate"] == 12


@pytest.mark.parametrize(
    ("odd", "reason", "twin"),
    [
        ("m\u0131ke@example.com", "invalid", True),  # the dotless i of attack A1
        ("m\u0456ke@example.com", "invalid", True),  # Cyrillic
        ("mi\u212ae@example.com", "lookalike", True),  # the Kelvin sign
        ("\uff4dike@example.com", "lookalike", True),  # full width
        ("mike@ex\u0430mple.com", None, True),  # a domain that is somebody else's
        ("mike@xn--exmple-4nf.com", None, True),  # the same, as machines write it
        ("mik\u00e9@example.com", "invalid", True),
        ("mike@b\u00fccher.de", None, False),
        ("mike@\u4f8b\u3048.jp", None, False),
        ("nike@example.com", None, False),
    ],
)
def test_an_address_that_looks_like_anothers_is_named(odd, reason, twin):
    mike, other = user("mike@example.com"), user(odd)
    found, _ = findings()
    assert [each["finding"] for each in found if each["finding"] != "resembles"] == ([reason] if reason else [])
    alike = [each for each in found if each["finding"] == "resembles"]
    assert [each["user"] for each in alike] == ([str(other.pk)] if twin else [])
    if twin:
        assert alike[0]["other"] == f"user {mike.pk}"
        assert alike[0]["left_out"] == (reason is not None)
        assert check()[1] == 1


def test_an_address_that_looks_like_a_customers_is_named(verified):
    person, _ = verified("mike@example.com")
    user("m\u0131ke@example.com")
    assert f"looks like the e-mail address of customer {person.id}" in check()[0]


def test_a_domain_of_letters_that_look_alike_is_named():
    odd = user("jane@gm\u0430il.com")
    said, status = check()
    assert status == 1
    assert "Domains of mixed scripts: 1 user" in said
    line = f"user {odd.pk} j***@gm\\u0430il.com: the domain mixes letters that look alike (is adopted all the same"
    assert line in said
    assert "1 adopted" in adopt()[0]


def test_without_the_extra_it_says_that_look_alikes_are_not_compared(without_the_table):
    user("m\u0131ke@example.com"), user("mike@example.com"), user("mi\u212ae@example.com")
    said, status = check()
    assert status == 1
    assert "Look-alikes were not compared: that takes the extra named confusables." in said
    assert "Compatibility characters" in said
    assert not findings()[1]["lookalikes_compared"]


def test_invalid_missing_and_held_contacts_are_named(verified, sign_up):
    held, claimed = verified("jane@example.com")[0], sign_up("kim@example.com")
    if TWINS:
        get_user_model().objects.update(email="")
    else:
        get_user_model().objects.update(email=F("pk"))
    keys = [user(email).pk for email in ("nonsense", "", "jane@example.com", "kim@example.com")]
    said, status = check()
    assert status == 1
    for line in (
        "Invalid: 1 user",
        f"  user {keys[0]} ********: no @",
        "No contact that logs in: 1 user",
        f"  user {keys[1]}: has no contact that logs in",
        "Held by a customer: 1 user",
        f"  user {keys[2]} j***@example.com: customer {held.id} has this e-mail address",
        "Claimed by somebody who signs up: 1 user",
        f"  user {keys[3]} k***@example.com: customer {claimed.id} signs up with this e-mail address, and has not"
        " proven it yet",
    ):
        assert line in said.splitlines()
    assert said.splitlines()[-1].startswith("0 can be adopted.")


def test_staff_and_inactive_users_are_no_decision():
    user("boss@example.com", is_staff=True), user("gone@example.com", is_active=False)
    said, status = check()
    assert status == 0
    assert "Left out anyway: 1 staff, 1 inactive." in said
    assert "1 can be adopted" in check("--include-inactive")[0]


def test_once_everybody_is_adopted_there_is_nothing_to_decide():
    user("jane@example.com")
    adopt()
    assert check()[0].splitlines()[-1].startswith("0 can be adopted.")
    assert check()[1] == 0


def test_contacts_are_masked_unless_they_are_asked_for():
    odd = user("secret.name@example.com\x1b[2J")
    for arguments in ([], ["--format", "json"]):
        said, _ = check(*arguments)
        assert "secret" not in said
        assert "\x1b" not in said
    said = check("--show-contacts")[0]
    assert f"user {odd.pk} secret.name@example.com\\x1b[2J: a space" in said
    assert findings("--show-contacts")[0][0]["contact"] == "secret.name@example.com\x1b[2J"


def test_a_heading_has_so_many_lines_and_json_has_all():
    for number in range(5):
        user(f"nonsense{number}")
    said = check("--limit", "2")[0]
    assert said.count(": no @") == 2
    assert "  ... and 3 more; --format json lists them all" in said.splitlines()
    assert len(findings("--limit", "2")[0]) == 5
    with pytest.raises(CommandError, match="is not a whole number of at least 1"):
        check("--limit", "0")


@pytest.mark.parametrize("size", ["1", "2", "1000"])
@only_with_twins
def test_the_size_of_a_page_changes_nothing(size):
    for email in ("a@example.com", "A@example.com", "b@example.com", "b\u0131@example.com", "bi@example.com", "x"):
        user(email)
    assert findings("--batch-size", size) == findings()


def test_what_is_said_fits_what_adopt_users_does():
    for email in ("jane@example.com", "nonsense", "mi\u212ae@example.com", "", "kim@example.com"):
        user(email)
    ready = findings()[1]["ready"]
    adopt()
    assert Customer.objects.count() == ready == 2


def test_a_disk_without_room_is_told_and_nothing_is_lost(monkeypatch):
    def full(self, people):
        list(people)
        raise sqlite3.OperationalError("database or disk is full")

    user("jane@example.com")
    monkeypatch.setattr(survey.Survey, "note", full)
    for command in (adopt, check):
        with pytest.raises(CommandError, match=r"disk is full\. SQLITE_TMPDIR names another folder"):
            command()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("text", "spellings"),
    [
        ("jane@example.com", set()),
        ("j\u0430ne@example.com", {"jane@example.com"}),
        ("JAN\u0415@EXAMPLE.COM", {"jane@example.com"}),
        ("jane@xn--80ak6aa92e.com", {"jane@apple.com", "jane@appie.com"}),
        ("jane@b\u00fccher.de", {"jane@bucher.de"}),
        ("\u4f8b@example.com", set()),
    ],
)
def test_an_address_has_so_many_plain_spellings(text, spellings):
    assert lookalikes.plain_spellings(text) == spellings


def test_an_address_of_many_odd_letters_has_not_endless_spellings():
    assert len(lookalikes.plain_spellings("\u04cf" * 64 + "@example.com")) <= lookalikes.MOST
