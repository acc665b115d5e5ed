"""The insights page: what it shows, to whom, at what cost, and that opening it changes nothing."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from customer_registration.admin import charts
from customer_registration.admin.country_names import country_name
from customer_registration.flows.insights import reading, rollup
from customer_registration.models import AccountDeletionRequest, CountedDay, DailyFigure, OutboxMessage
from tests.conftest import new_user

pytestmark = pytest.mark.django_db
PAGE = "admin:customer_registration_dailyfigure_changelist"
UPDATE = "admin:customer_registration_dailyfigure_update"


@pytest.fixture
def clerk():
    """Sit a member of staff with some permissions down at a browser."""

    def sit(*permissions):
        user = new_user("clerk", "clerk@example.com", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sit


@pytest.fixture
def season():
    """Write some weeks of figures, and deletions that are due."""
    today, now = timezone.localdate(), timezone.now()
    figures = [
        ("code", "email", "", "verified", 70), ("code", "email", "", "expired", 30),
        ("code", "sms", "DE", "verified", 15),
        ("code", "sms", "DE", "used_up", 5), ("code", "sms", "FR", "verified", 1), ("code", "sms", "FR", "refused", 3),
        ("code", "sms", "FR", "held_budget", 9), ("notice", "email", "", "failed", 2), ("refusal", "", "", "login", 41),
    ]  # fmt: skip
    columns = ("figure", "channel", "country", "reason", "count")
    DailyFigure.objects.bulk_create(
        DailyFigure(day=today - timedelta(days=age), **dict(zip(columns, values, strict=True)))
        for age in (0, 6, 29, 89)
        for values in figures
    )
    CountedDay.objects.create(day=today, counted_at=now - timedelta(minutes=5))
    AccountDeletionRequest.objects.bulk_create(
        AccountDeletionRequest(customer_ref=f"c{days}", status="confirmed", due_at=now + timedelta(days=days))
        for days in (-1, 0.01, 8, 9, 70)
    )


def shown(answer):
    """Return the page without what the admin has around it."""
    return answer.content.decode().partition('<div class="insights">')[2].partition("</main>")[0]


def tables(answer):
    """Return the tables of the page by the titles of their cards."""
    return {card.title: [list(map(str, row)) for row in card.rows] for card in answer.context["cards"]}


def test_each_question_is_answered_by_a_chart_and_a_table(clerk, season):
    answer = clerk("view_dailyfigure").get(reverse(PAGE))
    found = tables(answer)
    assert len(found["Codes by e-mail"]) == 30
    assert found["Codes by e-mail"][0][1:] == ["100", "100", "70", "70%"]
    assert found["Codes by e-mail"][1][1:] == ["0", "0", "0", "0%"]
    assert found["Codes by text message"][0][1:] == ["24", "21", "16", "67%"]  # what was held back was not sent
    assert found["Conversion by country"] == [["Germany (DE)", "60", "45", "75%"], ["France (FR)", "12", "3", "25%"]]
    assert found["Why codes were not verified"] == [["Never entered", "90"], ["Too many wrong codes", "15"]]
    assert found["Why messages were not delivered"] == [
        ["Budget used up", "27"], ["Refused by the provider", "9"], ["Provider failed", "6"],
    ]  # fmt: skip
    assert found["Requests refused by a limit"] == [["Logins", "123"]]
    assert [row[1] for row in found["Accounts to be deleted"]] == ["1", "2", "0", "0", "0", "0", "0", "0"]
    html = shown(answer)
    assert html.count("<table>") == len(found) == html.count("<svg")
    assert "Counted 5\xa0minutes ago" in html


@pytest.mark.parametrize(("query", "sent"), [("?days=7", "200"), ("?days=90", "400"), ("?days=1e9", "300")])
def test_a_stretch_of_days_is_chosen_and_any_other_is_the_usual(clerk, season, query, sent):
    answer = clerk("view_dailyfigure").get(f"{reverse(PAGE)}{query}")
    [email, *_] = answer.context["cards"]
    assert email.figures[0].value == sent


def test_the_page_costs_the_same_however_many_figures_there_are(clerk, season, counted):
    staff = clerk("view_dailyfigure")
    with counted() as queries:
        staff.get(reverse(PAGE))
    # Session, user, permissions; when it was counted, by day, by country, deletions.
    assert len(queries.statements) == 8
    assert not [sql for sql in queries.statements if not reads(sql)]


def test_the_drawings_need_no_exception_from_a_strict_policy_and_escape_what_they_say(clerk, season):
    DailyFigure.objects.filter(channel="sms").update(channel="<b onclick=x>")
    html = shown(clerk("view_dailyfigure").get(f"{reverse(PAGE)}?days=90"))
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 7
    for drawing in drawings:
        assert not re.search(r"<style|<script|style=|href=|//(?!www\.w3\.org/2000/svg)| on\w+=", drawing)
    assert "<b onclick" not in html


def test_without_the_extra_the_tables_are_open_and_a_sentence_says_so(clerk, season, monkeypatch):
    monkeypatch.setattr(charts, "can_draw", lambda: False)
    html = shown(clerk("view_dailyfigure").get(reverse(PAGE)))
    assert "Install the extra charts" in html
    assert "<svg" not in html
    assert html.count("<details open>") == html.count("<table>") == 7


def test_who_may_not_see_it_is_refused_and_who_may_finds_it_on_the_index(clerk, season):
    page, update = reverse(PAGE), reverse(UPDATE)
    assert clerk().get(page).status_code == 403
    assert Client().get(page).status_code == 302
    looker = Client()
    user = get_user_model().objects.get(email="clerk@example.com")
    user.user_permissions.set(Permission.objects.filter(codename="view_dailyfigure"))
    looker.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert f'href="{page}"' in looker.get(reverse("admin:index")).content.decode()
    assert "Update now" not in looker.get(page).content.decode()
    assert looker.post(update).status_code == 403


def test_opening_the_page_counts_nothing_and_the_button_counts(clerk):
    OutboxMessage.objects.create(kind="code_login", channel="email", state="sent")
    staff = clerk("view_dailyfigure", "count_dailyfigure")
    html = staff.get(reverse(PAGE)).content.decode()
    assert "Nothing has been counted yet" in html
    assert not DailyFigure.objects.exists()
    assert staff.get(reverse(UPDATE)).status_code == 405
    answer = staff.post(reverse(UPDATE), {"days": "7"}, follow=True)
    assert answer.redirect_chain == [(f"{reverse(PAGE)}?days=7", 302)]
    assert tables(answer)["Codes by e-mail"][0][1:] == ["1", "1", "0", "0%"]
    assert "Counted just now" in answer.content.decode()


def test_the_button_wants_the_token_of_its_page(clerk):
    staff = clerk("view_dailyfigure", "count_dailyfigure")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post(reverse(UPDATE)).status_code == 403
    assert not CountedDay.objects.exists()


def test_an_empty_shop_reads_in_sentences(clerk):
    rollup.bring_up_to_date()
    html = shown(clerk("view_dailyfigure").get(reverse(PAGE)))
    assert "No codes were sent in these days." in html
    assert "<table>" not in html


@pytest.mark.parametrize(("language", "name"), [("de", "Deutschland"), ("pt-br", "Alemanha"), ("zh-hans", "德国")])
def test_countries_have_their_names_in_the_readers_language(language, name):
    with translation.override(language):
        assert country_name("DE") == name
        assert country_name("QQ") == "QQ"


@pytest.mark.parametrize("table", ["outboxmessage", "dailyfigure", "accountdeletionrequest"])
def test_what_grows_with_the_shop_is_read_by_an_index(table, counted):
    if connection.vendor == "mysql":
        pytest.skip("MariaDB chooses by what it knows of the rows, and there are none")
    with counted() as queries:
        rollup.bring_up_to_date()
        reading.read(30)
    asked = [sql for sql in queries.statements if reads(sql) and f'FROM "customer_registration_{table}"' in sql]
    assert asked
    for sql in asked:
        plan = explained(sql)
        assert not re.search(rf"Seq Scan on \w+_{table}\b|SCAN \w+_{table}\b(?! USING)", plan), plan


def reads(sql):
    """Whether a statement writes nothing; one of several queries may begin with a bracket."""
    return sql.lstrip("(").startswith("SELECT")


def explained(sql):
    """Return how the database carries a statement out, where it has the choice."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
