"""Deletion requests in Django's admin: what is seen, by whom, and at what cost."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.html import escape

from customer_registration.enums import DeletionStatus
from customer_registration.models import AccountDeletionRequest, AccountEvent, Customer, OtpVerification
from tests.admin.conftest import ACTIONS, LIST, PAGE, PERMISSIONS, far_off, seen_on
from tests.conftest import new_user

Status = DeletionStatus
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.mark.parametrize("who", ["nobody", "a customer"])
def test_strangers_are_sent_to_the_login(row, who):
    request, client = row(), Client()
    if who == "a customer":
        client.force_login(new_user("jane", "jane@example.com"), backend="django.contrib.auth.backends.ModelBackend")
    for url in (reverse(LIST), reverse(PAGE, args=[request.pk])):
        assert client.get(url).url.startswith(reverse("admin:login"))
        assert client.post(url, {"action": "cancel", "_selected_action": request.pk}).status_code == 302
    assert AccountDeletionRequest.objects.get().status == Status.CONFIRMED


def test_without_the_permission_to_view_the_others_open_nothing(staff, row):
    desk, request = staff("cancel", "postpone", "erase"), row()
    assert desk.listing().status_code == 403
    assert desk.page(request).status_code == 403
    assert desk.history(request).status_code == 403
    for action in ACTIONS:
        assert desk.do(action, request).status_code == 403
    assert AccountDeletionRequest.objects.get().status == Status.CONFIRMED


def test_nothing_is_added_edited_or_deleted_by_hand_even_by_a_superuser(staff, row):
    desk, request = staff(is_superuser=True), row()
    page = reverse(PAGE, args=[request.pk])
    assert desk.client.get(reverse("admin:customer_registration_accountdeletionrequest_add")).status_code == 403
    delete = reverse("admin:customer_registration_accountdeletionrequest_delete", args=[request.pk])
    assert desk.client.post(delete, {"post": "yes"}).status_code == 403
    assert desk.client.post(page, {"status": "cancelled", "reason": "x"}).status_code == 403
    assert "delete_selected" not in desk.listing().rendered_content
    desk.ask("delete_selected", request, post="yes")
    assert AccountDeletionRequest.objects.get().status == Status.CONFIRMED


def test_the_list_shows_masked_contacts_and_what_is_to_know(boss, row):
    request = row(Status.FAILED, email="jane@example.com", phone="+12025550123")
    AccountDeletionRequest.objects.update(tries=3)
    html = boss.listing().rendered_content
    day = timezone.localtime(request.scheduled_at).strftime("%m/%d/%Y")
    for shown in (request.customer_ref, "j***@example.com, +12*****0123", "Failed", day, '<td class="field-tries">3'):
        assert shown in html
    assert "jane@" not in html
    assert "2025550" not in html


def test_the_list_costs_the_same_however_long_it_is(boss, row, counted):
    def cost():
        with counted() as queries:
            assert boss.listing().status_code == 200
        return len(queries.statements)

    row(email="first@example.com")
    one = cost()
    for number in range(20):
        row(email=f"person{number}@example.com")
    # Session, user, two for permissions; three of facets, the count, the rows, two for the dates.
    assert (one, cost()) == (11, 11)


def test_the_newest_requests_come_first(boss, row):
    rows = sorted([row() for _ in range(3)], key=lambda request: request.pk, reverse=True)
    assert boss.shown() == [request.customer_ref for request in rows]


def test_the_filters_count_what_they_would_find(boss, row):
    for status in (Status.CONFIRMED, Status.CONFIRMED, Status.FAILED, Status.COMPLETED, Status.PENDING):
        row(status)
    AccountDeletionRequest.objects.filter(status=Status.COMPLETED).update(strategy="anonymize")
    html = boss.listing().rendered_content
    for shown in ("Pending (1)", "Confirmed (2)", "Completed (1)", "Cancelled (0)", "Failed (1)", "Anonymize (1)"):
        assert shown in html
    for shown in ("Overdue (0)", "Next 7 days (0)", "Later (3)", "Delete (0)"):
        assert shown in html
    assert len(boss.shown("?status__exact=confirmed")) == 2
    assert len(boss.shown("?strategy__exact=anonymize")) == 1


def test_requests_are_found_by_when_they_are_due(boss, row):
    overdue, soon, later = row(Status.FAILED, days=-1), row(days=6), row(days=8)
    row(Status.COMPLETED, days=-1)
    row(Status.PENDING)
    html = boss.listing().rendered_content
    for choice, request, label in (
        ("overdue", overdue, "Overdue"),
        ("soon", soon, "Next 7 days"),
        ("later", later, "Later"),
    ):
        assert boss.shown(f"?due={choice}") == [request.customer_ref]
        assert f"{label} (1)" in html
    assert len(boss.shown("?due=nonsense")) == 5


def test_the_dates_lead_to_the_requests_that_are_due_then(boss, row):
    first, second = row(days=10), row(days=400)
    for request, other in ((first, second), (second, first)):
        day = request.scheduled_at
        query = f"?scheduled_at__year={day.year}&scheduled_at__month={day.month}&scheduled_at__day={day.day}"
        assert boss.shown(query) == [request.customer_ref]
        assert f"?scheduled_at__year={other.scheduled_at.year}" in boss.listing().rendered_content


def test_the_search_box_says_what_it_finds(boss, row):
    jane, john = row(email="jane@example.com", phone="+12025550123"), row(email="john@example.org")
    assert "whole address or number" in boss.listing().rendered_content
    for text in ("JANE@example.com", "(202) 555 0123", "%2B1 202 555 0123", jane.pk, jane.customer_ref):
        assert boss.shown(f"?q={text}&status__exact=confirmed") == [jane.customer_ref], text
    for beginning in (jane.pk[:6], jane.customer_ref[:10]):
        assert set(boss.shown(f"?q={beginning}")) == {jane.customer_ref, john.customer_ref}
    assert boss.shown("?q=nobody") == []
    assert "Confirmed (1)" in boss.listing("?q=john@example.org").rendered_content


def test_a_part_finds_a_contact_for_those_who_see_it_whole_alone(boss, staff, row):
    jane = row(email="jane@example.com", phone="+12025550123")
    trusted = staff("view", "view_contacts_customer", name="trusted")
    for part in ("jane@ex", "5550123"):
        assert boss.shown(f"?q={part}") == []
        assert trusted.shown(f"?q={part}") == [jane.customer_ref]
    assert "jane@example.com, +12025550123" in trusted.listing().rendered_content
    assert "jane@example.com, +12025550123" in trusted.page(jane).rendered_content


def test_no_look_up_of_a_field_spells_out_what_is_hidden(boss, row):
    row(email="jane@example.com")
    for query in ("customer__email__startswith=j", "identifiers_hash__startswith=a", "customer__metadata__a=b"):
        assert boss.client.get(f"{reverse(LIST)}?{query}").status_code == 400, query
    assert boss.client.get(f"{reverse(LIST)}?q=a%00b", follow=True).status_code == 200
    assert boss.client.get(f"{reverse(LIST)}?status__exact=a%00b").url == reverse(LIST)


def test_an_erased_person_is_found_by_the_whole_address(boss, leaver):
    request = leaver("jane@example.com")
    boss.do("erase_now", request)
    assert not Customer.objects.filter(email="jane@example.com").exists()
    assert boss.shown("?q=Jane@Example.com") == [request.customer_ref]
    assert boss.shown("?q=jane@example") == []


def test_the_page_of_a_request_shows_where_it_came_from(boss, leaver):
    html = boss.page(leaver(agent="A browser", reason="Too many mails")).rendered_content
    for shown in ("j***@example.com", "Too many mails", "127.0.0.1", "A browser", "Confirmed"):
        assert shown in html
    assert "<textarea" not in html
    assert 'name="_save"' not in html


def test_a_request_that_does_not_exist_leads_home(boss, row):
    row()
    for key in ("nothing", "a%00b"):
        assert boss.client.get(reverse(LIST) + f"{key}/change/").status_code == 302


def test_what_a_customer_wrote_cannot_become_html(boss, leaver, veto):
    request = leaver(agent=HOSTILE, reason=HOSTILE)
    veto(reason=HOSTILE)
    done = boss.do("erase_now", request)
    pages = [done, boss.page(request), boss.listing(), boss.ask("retry", request), boss.history(request)]
    for answer in pages:
        assert "<script>alert" not in answer.rendered_content
        assert "<img src=x" not in answer.rendered_content
    assert escape(HOSTILE) in done.rendered_content
    assert boss.page(request).rendered_content.count(escape(HOSTILE)) == 4  # reason, agent, last error, time line


def test_f6_no_page_holds_a_contact_a_code_or_a_secret(boss, leaver, api):
    request = leaver()
    Customer.objects.update(phone="+12025550123")
    secrets = ["jane@example.com", "2025550123", request.identifiers_hash]
    secrets += [row.nonce.hex() for row in OtpVerification.objects.all()]
    pages = [boss.listing(), boss.page(request), *(boss.ask(action, request) for action in ACTIONS)]
    pages += [boss.do("postpone", request), boss.do("cancel", request), boss.history(request)]
    pages.append(boss.client.get(reverse("admin:index")))
    for answer in pages:
        assert answer.status_code == 200
        assert not [secret for secret in secrets if secret in answer.rendered_content]


def test_the_page_offers_what_applies_and_the_user_may_do(staff, boss, row):
    offers = {
        Status.PENDING: {"cancel"},
        Status.CONFIRMED: {"cancel", "postpone", "erase_now"},
        Status.FAILED: {"cancel", "postpone", "retry"},
        Status.COMPLETED: set(),
        Status.CANCELLED: set(),
    }
    readers = {verb: staff("view", verb, name=verb) for verb in ("cancel", "postpone", "erase")}
    for status, offered in offers.items():
        request = row(status)
        assert {button.deed.name for button in boss.page(request).context["buttons"]} == offered
        for verb, reader in readers.items():
            html = reader.page(request).rendered_content
            mine = {action for action in ACTIONS if f'name="action" value="{action}"' in html}
            assert mine == {action for action in offered if PERMISSIONS[action] == verb}


def test_a_button_leads_through_the_question_back_to_the_page(boss, leaver):
    request = leaver()
    asked = boss.ask("cancel", request, back_to="row")
    assert 'name="back_to" value="row"' in asked.rendered_content
    done = boss.do("cancel", request, back_to="row")
    assert done.redirect_chain == [(reverse(PAGE, args=[request.pk]), 302)]


def test_the_history_tells_what_staff_did(boss, leaver):
    request = leaver()
    boss.do("postpone", request)
    boss.do("cancel", request)
    html = boss.history(request).rendered_content
    assert html.index("Postponed the erasure to") < html.index("Cancelled the deletion.")
    assert boss.user.get_username() in html
    assert LogEntry.objects.count() == 2


def test_a_get_does_nothing(boss, leaver):
    request = leaver()
    events = AccountEvent.objects.count()
    for action in ACTIONS:
        seen = urlencode(seen_on(boss.ask(action, request)))
        boss.listing(f"?action={action}&_selected_action={request.pk}&confirmed=yes&day={far_off()}&{seen}")
    assert AccountDeletionRequest.objects.get().status == Status.CONFIRMED
    assert AccountEvent.objects.count() == events


def test_the_list_is_no_transaction_whatever_the_project_says():
    # Or one request that fails would undo the erasures before it.
    assert "default" in resolve(reverse(LIST)).func._non_atomic_requests


def test_the_times_are_the_projects(boss, row, settings):
    settings.TIME_ZONE = "Pacific/Kiritimati"
    request = row()
    late = timezone.now().replace(hour=23) + timedelta(days=3)
    AccountDeletionRequest.objects.update(scheduled_at=late)
    assert f"{late + timedelta(hours=14):%m/%d/%Y}" in boss.listing().rendered_content
    assert request.customer_ref in boss.shown()
