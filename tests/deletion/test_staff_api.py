"""GET /admin/account-deletion-requests: what staff look up."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, Customer
from tests.deletion.conftest import EMAIL, PHONE

URL = "/admin/account-deletion-requests"
NOT_FOUND = {"type": "not_found", "message": "Not found", "code": "not_found"}
KEYS = ["id", "customer_id", "status", "created_at", "confirmed_at", "scheduled_at", "cancelled_at", "completed_at"]
STAFF_KEYS = [*KEYS, "email", "phone", "reason", "strategy", "tries", "last_error"]

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def look(api, staff):
    """GET the list with a query string, as staff."""
    return lambda query="": api.get(f"{URL}{query}", token=staff)


@pytest.fixture
def may_view(boss):
    """Let the staff user see whole contacts, in Django's admin."""
    boss.user_permissions.add(Permission.objects.get(codename="view_accountdeletionrequest"))


@pytest.fixture
def many(api, verified, configure):
    """Requests in every state, oldest first: their customers, by status."""
    configure(RATE_LIMITS={"ENABLED": False})
    start, made = timezone.now() - timedelta(days=30), {}
    for number, status in enumerate(["pending", "confirmed", "cancelled", "completed", "failed"]):
        person, _ = verified(f"{status}@example.com", phone=f"+1202555012{number}")
        closed = status in ("cancelled", "completed")
        AccountDeletionRequest.objects.create(
            customer_id=person.id,
            customer_ref=person.id,
            active_customer_id=None if closed else person.id,
            status=status,
            created_at=start + timedelta(days=number),
        )
        made[status] = person
    return made


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [row["status"] for row in answer.json()["requests"]]


# What they see


def test_a_request_with_masked_contacts(look, leaving):
    jane = leaving(phone=PHONE, reason="too many mails")
    answer = look()
    assert list(answer.json()) == ["requests", "count", "offset", "limit"]
    assert {**answer.json(), "requests": None} == {"requests": None, "count": 1, "offset": 0, "limit": 20}
    [row] = answer.json()["requests"]
    assert list(row) == STAFF_KEYS
    assert (row["id"], row["customer_id"], row["status"]) == (jane.request.pk, jane.id, "confirmed")
    assert (row["email"], row["phone"]) == ("j***@example.com", "+12*****0123")
    assert (row["reason"], row["strategy"], row["tries"], row["last_error"]) == ("too many mails", None, 0, None)
    assert row["scheduled_at"].endswith("Z")
    assert EMAIL not in answer.content.decode()
    assert PHONE not in answer.content.decode()


def test_the_detail_is_the_row_of_the_list(api, look, staff, leaving):
    jane = leaving(reason="too many mails")
    answer = api.get(f"{URL}/{jane.request.pk}", token=staff)
    assert answer.status_code == 200
    assert answer.json() == {"request": look().json()["requests"][0]}


def test_nothing_personal_is_shown_of_whoever_is_erased(look, leaving):
    leaving(phone=PHONE, reason="too many mails")
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Run().work().erased == 1
    [row] = look().json()["requests"]
    assert (row["status"], row["email"], row["phone"], row["reason"]) == ("completed", None, None, None)
    assert row["strategy"] == "anonymize"
    assert row["completed_at"] is not None


@pytest.mark.parametrize("unknown", ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "x", "x" * 300, "%20", "é", "%00", "01%00"])
def test_an_unknown_id_is_a_json_404(api, staff, unknown):
    answer = api.get(f"{URL}/{unknown}", token=staff)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


# Filters


def test_an_empty_list(look):
    assert look().json() == {"requests": [], "count": 0, "offset": 0, "limit": 20}


@pytest.mark.parametrize("status", ["pending", "confirmed", "completed", "cancelled", "failed"])
def test_by_status(look, many, status):
    answer = look(f"?status={status}")
    assert statuses(answer) == [status]
    assert answer.json()["count"] == 1


def test_by_customer(look, many):
    assert statuses(look(f"?customer_id={many['failed'].id}")) == ["failed"]
    assert statuses(look("?customer_id=cus_nobody")) == []
    assert statuses(look(f"?customer_id={many['failed'].id}&status=pending")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cancelled@example.com", ["cancelled"]),
        ("CANCELLED@example.com", ["cancelled"]),
        ("cancelled@", ["cancelled"]),
        ("%2B12025550124", ["failed"]),
        ("(202) 555-0124", ["failed"]),
        ("5550124", ["failed"]),
        ("led@example", ["failed", "cancelled"]),
        ("nobody@example.com", []),
        ("%25", []),
        ("%20", ["failed", "completed", "cancelled", "confirmed", "pending"]),
        ("", ["failed", "completed", "cancelled", "confirmed", "pending"]),
    ],
)
def test_by_a_part_of_a_contact(look, may_view, many, text, found):
    assert statuses(look(f"?q={text}")) == found


@pytest.mark.parametrize("text", ["cancelled@", "cancelled@example", "5550122", "led@example", "%2B1202555012"])
def test_a_masked_contact_cannot_be_spelt_out_by_its_parts(look, many, text):
    assert statuses(look(f"?q={text}")) == []


@pytest.mark.parametrize("text", ["Cancelled@example.com", "%2B12025550122", "(202) 555-0122"])
def test_by_a_whole_contact(look, many, text):
    assert statuses(look(f"?q={text}")) == ["cancelled"]


def test_a_superuser_may_search_by_parts(look, boss, many):
    boss.is_superuser = True
    boss.save()
    assert statuses(look("?q=led@example")) == ["failed", "cancelled"]


def test_by_the_start_of_an_id(look, many):
    row = AccountDeletionRequest.objects.get(status="failed")
    for text in (row.pk, row.customer_ref):
        assert statuses(look(f"?q={text}")) == ["failed"]
        assert "failed" in statuses(look(f"?q={text[:12]}"))


@pytest.mark.parametrize("text", [EMAIL, "JANE@example.com", "%2B12025550123", "(202) 555-0123"])
def test_whoever_is_erased_is_found_by_a_whole_address_or_number(look, leaving, text):
    leaving(phone=PHONE)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert Run().work().erased == 1
    assert not Customer.objects.filter(email=EMAIL).exists()
    assert statuses(look(f"?q={text}")) == ["completed"]
    assert statuses(look("?q=jane@example")) == []


def test_newest_first_unless_asked_otherwise(look, many):
    newest = ["failed", "completed", "cancelled", "confirmed", "pending"]
    assert statuses(look()) == statuses(look("?order=-created_at")) == statuses(look("?order=-id")) == newest
    assert statuses(look("?order=created_at")) == statuses(look("?order=id")) == newest[::-1]
    assert statuses(look("?order=status")) == sorted(newest)
    assert statuses(look("?order=-status")) == sorted(newest, reverse=True)


@pytest.mark.parametrize("order", ["confirmed_at", "scheduled_at", "cancelled_at", "completed_at"])
def test_every_time_orders(look, many, order):
    now = timezone.now()
    for days, row in enumerate(AccountDeletionRequest.objects.order_by("status")):
        AccountDeletionRequest.objects.filter(pk=row.pk).update(**{order: now + timedelta(days=days)})
    by_status = sorted(many)
    assert statuses(look(f"?order={order}")) == by_status
    assert statuses(look(f"?order=-{order}")) == by_status[::-1]


def test_page_by_page(look, many):
    whole = statuses(look())
    pages = [look(f"?limit=2&offset={offset}") for offset in (0, 2, 4, 6)]
    assert [status for page in pages for status in statuses(page)] == whole
    assert [len(page.json()["requests"]) for page in pages] == [2, 2, 1, 0]
    assert {(page.json()["count"], page.json()["limit"]) for page in pages} == {(5, 2)}
    assert [page.json()["offset"] for page in pages] == [0, 2, 4, 6]


def test_the_count_is_of_what_the_filters_leave(look, may_view, many):
    answer = look("?q=led@example&limit=1")
    assert (statuses(answer), answer.json()["count"]) == (["failed"], 2)


@pytest.mark.parametrize("limit", [1, 100])
def test_a_limit_up_to_a_hundred(look, limit):
    assert look(f"?limit={limit}").json()["limit"] == limit


@pytest.mark.parametrize(
    "query",
    [
        *("limit=101", "limit=0", "limit=-1", "limit=", "limit=ten", "limit=1.5", "limit=%EF%BC%91", "limit=1e1"),
        *(f"limit={'9' * 30}", "offset=-1", "offset=", "offset=x", f"offset={'9' * 30}", "offset=1000001"),
        *("status=open", "status=", "status=CONFIRMED", "status=pending,failed", "status=pending%00"),
        *("order=reason", "order=", "order=-", "order=--created_at", "order=customer__user__password", "order=?"),
        *("q=%00", "customer_id=%00", f"q={'x' * 255}", f"customer_id={'x' * 255}"),
        *("state=pending", "page=1", "fields=id", "id=1", "%00=1", "limit=10&x=1"),
    ],
)
def test_what_the_list_does_not_know_is_400(look, query):
    answer = look(f"?{query}")
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_data")
    assert answer.json()["message"].startswith("Invalid request: ")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=101", "Value for field 'limit' too big, expected at most: '100'"),
        ("limit=ten", "Expected type: 'number' for field 'limit', got: 'ten'"),
        ("b=1&a=1", "Unrecognized fields: 'b, a'"),
        (
            "status=open",
            "Expected: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'failed' for field 'status', "
            "but got: 'open'",
        ),
    ],
)
def test_a_bad_query_says_why(look, query, message):
    assert look(f"?{query}").json() == {"type": "invalid_data", "message": f"Invalid request: {message}"}
