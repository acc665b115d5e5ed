"""SQL statements a request, exactly; transaction control is not counted. A change here is a change of cost."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from customer_registration.models import AccountDeletionRequest, OtpVerification
from tests.conftest import wrong
from tests.deletion.conftest import CANCEL_CONFIRM, CANCEL_REQUEST, CONFIRM, EMAIL, REQUEST

ADMIN = "/admin/account-deletion-requests"
NOBODY = "nobody@example.com"

# Where rows cannot be locked, a transaction that reads first begins with a write that does nothing.
ONE_WRITER = int(not connection.features.has_select_for_update)

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def messages_stay_queued(monkeypatch):
    """As with a broker: the request publishes a task and delivers nothing."""
    return lambda: monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)


def proof_of(flow):
    return {"token": flow.json()["token"], "code": OtpVerification.objects.latest("pk").code()}


def test_ask_and_confirm(api, cost, verified, messages_stay_queued):
    _, token = verified()
    messages_stay_queued()
    start = timezone.now()
    assert cost(REQUEST, {"reason": "private"}, token=token) == 9
    assert cost(REQUEST, {}, token=token, status=429) == 5
    with time_machine.travel(start + timedelta(seconds=100)):
        assert cost(REQUEST, {}, token=token) == 8
    with time_machine.travel(start + timedelta(seconds=200)):
        proof = proof_of(api.post(REQUEST, {}, token=token))
        assert cost(CONFIRM, {**proof, "code": wrong(proof["code"])}, status=400) == 2
        assert cost(CONFIRM, proof) == 9
        assert cost(CONFIRM, proof, status=400) == 2


def test_asking_to_stay_costs_the_same_for_everybody(cost, leaving, verified, messages_stay_queued):
    leaving()
    verified("stays@example.com")
    messages_stay_queued()
    start = timezone.now()

    def everybody(status=200):
        return [cost(CANCEL_REQUEST, {"email": who}, status=status) for who in (EMAIL, NOBODY, "stays@example.com")]

    assert everybody() == [6 + ONE_WRITER] * 3
    assert everybody(status=429) == [5 + ONE_WRITER] * 3
    with time_machine.travel(start + timedelta(seconds=100)):
        assert everybody() == [5 + ONE_WRITER] * 3
    with time_machine.travel(start + timedelta(minutes=30)):
        assert everybody() == [5 + ONE_WRITER] * 3


def test_a_wrong_code_to_stay_costs_the_same_for_everybody(api, cost, leaving, messages_stay_queued):
    leaving()
    messages_stay_queued()
    known, unknown = [proof_of(api.post(CANCEL_REQUEST, {"email": who})) for who in (EMAIL, NOBODY)]
    for proof in (known, unknown):
        assert cost(CANCEL_CONFIRM, {**proof, "code": wrong(proof["code"])}, status=400) == 2
    assert cost(CANCEL_CONFIRM, unknown, status=400) == 2
    assert cost(CANCEL_CONFIRM, known) == 9 + ONE_WRITER


def test_a_forged_token_costs_nothing(cost, db):
    for path in (CONFIRM, CANCEL_CONFIRM):
        assert cost(path, {"token": "a.b.c", "code": "1"}, status=401) == 0


def test_staff_pay_for_a_page_not_for_its_rows(cost, leaving, staff, configure):
    jane = leaving()
    for query in ("", "?status=confirmed&customer_id=cus_x"):
        assert cost(f"{ADMIN}{query}", token=staff, method="get") == 3
    assert cost(f"{ADMIN}/{jane.request.pk}", token=staff, method="get") == 2
    configure(RATE_LIMITS={"ENABLED": False})
    for number in range(5):
        leaving(f"person{number}@example.com")
    assert AccountDeletionRequest.objects.count() == 6
    assert cost(ADMIN, token=staff, method="get") == 3
    assert cost(f"{ADMIN}/x", token=staff, method="get", status=404) == 2
    assert cost(f"{ADMIN}?limit=101", token=staff, method="get", status=400) == 1
    assert cost(ADMIN, method="get", status=401) == 0


# A whole contact is looked for among the customers; who may look for parts, and only they, ask first whether it is one.
@pytest.mark.parametrize(("text", "holders"), [("jane", 0), ("jane@example.com", 1)])
def test_a_search_asks_for_the_permissions_of_staff_and_not_of_a_superuser(cost, leaving, staff, boss, text, holders):
    leaving()
    assert cost(f"{ADMIN}?q={text}", token=staff, method="get") == 3 + 2 + holders
    boss.is_superuser = True
    boss.save()
    assert cost(f"{ADMIN}?q={text}", token=staff, method="get") == 3 + holders + 1


def test_staff_by_a_session_cost_one_statement_more(api, cost, staff, boss):
    api.client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    assert cost(ADMIN, method="get") == 4
    api.client.logout()
    api.post("/auth/session", token=staff)
    assert cost(ADMIN, method="get") == 4
