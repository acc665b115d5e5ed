"""A project with ``USE_TZ = False``, as older ones are: nobody there has a time with a zone."""

import io
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from customer_registration import local_time
from customer_registration.enums import DeletionStatus
from customer_registration.models import Customer
from tests.admin.conftest import far_off
from tests.conftest import PASSWORD

LOGIN = "/auth/customer/emailpass"
PAGES = ("customer", "accountevent", "otpverification", "outboxmessage", "accountdeletionrequest", "dailyfigure")


@pytest.fixture(autouse=True)
def without_zones(settings):
    settings.USE_TZ = False


def test_a_customer_logs_in_and_a_refusal_is_a_429(api, verified):
    verified()
    guess = {"email": "jane@example.com", "password": "a wrong one"}
    answers = [api.post(LOGIN, guess).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    elsewhere = api.another(REMOTE_ADDR="192.0.2.9")
    token = elsewhere.post(LOGIN, {**guess, "password": PASSWORD}).json()["token"]
    shown = elsewhere.get("/store/customers/me", token=token).json()["customer"]
    created = datetime.fromisoformat(shown["created_at"])
    assert shown["created_at"].endswith("Z")
    assert timedelta(0) <= datetime.now(UTC) - created < timedelta(minutes=10)


def test_who_leaves_is_told_the_day_and_erased_on_it(api, leaver, clock):
    request = leaver()
    assert timezone.is_naive(request.scheduled_at)
    refused = api.post(LOGIN, {"email": "jane@example.com", "password": PASSWORD})
    assert (refused.status_code, refused.json()["scheduled_at"][-1]) == (403, "Z")
    clock.shift(8 * 86_400)
    call_command("purge_accounts", stdout=io.StringIO())
    request.refresh_from_db()
    assert (request.status, Customer.objects.get(pk=request.customer_ref).email) == (DeletionStatus.COMPLETED, None)


def test_staff_see_every_page_and_put_an_erasure_off(boss, leaver):
    request = leaver()
    boss.user.is_superuser = True
    boss.user.save()
    call_command("update_insights", stdout=io.StringIO())
    for name in PAGES:
        page = boss.client.get(reverse(f"admin:customer_registration_{name}_changelist"))
        assert page.status_code == 200, name
    assert boss.page(request).status_code == 200
    before = request.scheduled_at
    boss.do("postpone", request)
    request.refresh_from_db()
    assert (str(request.scheduled_at.date()), request.scheduled_at.time()) == (far_off(), before.time())


def test_moments_are_those_of_the_projects_clock(settings):
    noon = datetime(2026, 3, 29, 12, 0)
    assert local_time.local(noon) == noon
    assert local_time.moment(noon.date(), time(12)) == noon
    settings.USE_TZ, settings.TIME_ZONE = True, "Europe/Berlin"
    assert local_time.moment(noon.date(), time(12)) == datetime(2026, 3, 29, 10, 0, tzinfo=UTC)
    assert local_time.local(datetime(2026, 3, 29, 22, 30, tzinfo=UTC)).day == 30
