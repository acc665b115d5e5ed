"""Rule 4 where accounts are concealed, by counting: hashes, statements, tasks, counters, whoever holds an address."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from customer_registration.models import Customer, OutboxMessage
from customer_registration.ratelimits.engine import build_storage
from customer_registration.signals import message_queued

REGISTER = "/auth/customer/emailpass/register"
FREE, HELD, NUMBER = "free@example.com", "jane@example.com", "+12025550123"
MINE = "the newcomer's own password"
PEOPLE = ("proven", "unproven", "lapsed", "inactive", "staff", "leaving", "by code")

pytestmark = pytest.mark.life_cycle


@pytest.fixture(autouse=True)
def messages_stay_queued(monkeypatch):
    monkeypatch.setattr("customer_registration.messaging.deliver", lambda message_id: None)


@pytest.fixture
def holder(configure, sign_up):
    """Let somebody of a standing hold an address and a number; then conceal accounts."""

    def make(standing):
        configure(RATE_LIMITS={"ENABLED": False})
        ago = timedelta(minutes=20 if standing == "lapsed" else 5)
        with time_machine.travel(timezone.now() - ago):
            person = sign_up(HELD, phone=NUMBER)
        row = Customer.objects.filter(pk=person.id)
        user = get_user_model().objects.filter(registered_customer=person.id)
        if standing == "inactive":
            user.update(is_active=False)
        if standing == "staff":
            user.update(is_staff=True)
        if standing == "leaving":
            row.update(deletion_scheduled_at=timezone.now() + timedelta(days=7))
        if standing == "by code":
            user.update(password="!")
        if standing not in ("unproven", "lapsed"):
            row.update(email_verified_at=timezone.now(), phone_verified_at=timezone.now())
        configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"}, RATE_LIMITS={"ENABLED": True})

    return make


@pytest.fixture
def traces(api, counted, hear, monkeypatch):
    """Send a request from a device of its own; return what its answer, costs and traces could tell somebody."""
    tasks, hashes = hear(message_queued), []
    for name in ("make_password", "check_password"):
        for module in ("customer_registration.flows.registration", "django.contrib.auth.base_user"):
            counting(monkeypatch, f"{module}.{name}", hashes)

    def send(path, body, **options):
        tasks.clear(), hashes.clear()
        before = counters()
        with counted() as queries:
            answer = api.another().post(path, body, **options)
        told = {
            "status": answer.status_code,
            "keys": sorted(answer.json()),
            "headers": sorted(answer.headers),
            "statements": len(queries.statements),
            "hashes": len(hashes),
            "tasks": len(tasks),
            "counters": counters() - before,
        }
        return answer, told

    return send


def counting(monkeypatch, name, calls):
    from django.utils.module_loading import import_string

    try:
        real = import_string(name)
    except ImportError:
        return
    monkeypatch.setattr(name, lambda *args, **options: (calls.append(name), real(*args, **options))[1])


def counters():
    return sum(build_storage("memory://").storage.values())


@pytest.mark.parametrize("standing", PEOPLE)
def test_a9_register_tells_nobody_who_holds_an_address(standing, holder, traces):
    holder(standing)
    _, free = traces(REGISTER, {"email": FREE, "password": MINE})
    _, held = traces(REGISTER, {"email": HELD, "password": MINE})
    assert held == free
    assert free | {"headers": None} == {
        "status": 200,
        "keys": ["token"],
        "headers": None,
        "statements": 8,
        "hashes": 1,
        "tasks": 1,
        "counters": 3,
    }


@pytest.mark.parametrize("standing", PEOPLE)
def test_a9_create_tells_nobody_who_holds_a_number(standing, holder, traces, register):
    holder(standing)
    _, free = traces("/store/customers", {"phone": "+12025550177"}, token=register("one@example.com"))
    _, held = traces("/store/customers", {"phone": NUMBER}, token=register("two@example.com"))
    assert held == free


@pytest.mark.parametrize("standing", PEOPLE)
def test_a9_nor_do_the_steps_after_it(standing, holder, traces, register):
    holder(standing)
    seen = []
    for address in (FREE, HELD):
        token, steps = register(address, MINE), []
        answer, told = traces("/store/customers", {}, token=token)
        steps.append(told)
        asked = {"customer_id": answer.json()["customer"]["id"], "type": "email_verification"}
        answer, told = traces("/store/customers/otp/send", asked)
        steps.append(told)
        flow = answer.json()["token"]
        steps.append(traces("/store/customers/otp/verify", {"token": flow, "code": "000000"})[1])
        steps.append(traces("/store/customers/otp/send", asked)[1])
        steps.append(traces("/auth/token/refresh", {}, token=token)[1])
        steps.append(traces("/auth/session", {}, token=token)[1])
        steps.append(traces("/auth/customer/emailpass", {"email": address, "password": MINE})[1])
        seen.append(steps)
    assert seen[0] == seen[1]


def test_a_decoy_stands_for_the_message_to_an_owner(traces, configure):
    configure(REGISTRATION={"EXISTING_ACCOUNT": "conceal"})
    traces(REGISTER, {"email": FREE, "password": MINE})
    assert OutboxMessage.objects.get().state == "suppressed"
