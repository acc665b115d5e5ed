"""contrib.prometheus: what happens is counted under few names, by one process or by many, and nobody pays otherwise."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import path
from django.utils import timezone

prometheus_client = pytest.importorskip("prometheus_client", reason="install the prometheus extra")

from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

from customer_registration import messaging  # noqa: E402
from customer_registration.contrib.prometheus import collector, exposition  # noqa: E402
from customer_registration.contrib.prometheus.views import MetricsView  # noqa: E402
from customer_registration.flows.vitals import Vitals  # noqa: E402
from customer_registration.models import OutboxMessage  # noqa: E402
from customer_registration.signals import (  # noqa: E402
    account_erased,
    code_issued,
    code_tried,
    contact_change_undone,
    login_attempted,
    request_refused,
    second_factor_enabled,
    second_factor_removed,
    sms_budget_reached,
)
from tests.conftest import PASSWORD, last_code, wrong  # noqa: E402

JANE, LOGIN = "jane@example.com", "/auth/customer/emailpass"
GENERATE, VERIFY = "/auth/customer/otp/generate", "/auth/customer/otp/verify"

urlpatterns = [path("metrics", MetricsView.as_view()), path("private", MetricsView.as_view(token="of-prometheus"))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.monitoring.test_prometheus")]
with_routes = pytest.mark.urls("example_project.urls")


def parsed(text):
    """Return every sample of ours: name and labels, without the prefix."""
    return {
        (sample.name.removeprefix("customer_registration_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("customer_registration_") and not sample.name.endswith("_created")
    }


@pytest.fixture
def counted():
    """Return what has been counted since the last time it was called; histograms by their counts."""
    before = {}

    def since():
        now = parsed(exposition.exposed("")[0].decode())
        grown = {name: int(value - before.get(name, 0)) for name, value in now.items() if value != before.get(name, 0)}
        before.update(now)
        return {
            f"{name} {' '.join(value for _, value in labels)}": value
            for (name, labels), value in grown.items()
            if name.endswith(("_total", "_count"))
        }

    since()
    return since


@with_routes
def test_somebody_signs_up_and_proves_an_address(api, counted):
    token = api.post(f"{LOGIN}/register", {"email": JANE, "password": PASSWORD}).json()["token"]
    customer = api.post("/store/customers", {}, token=token).json()["customer"]["id"]
    assert counted() == {"registrations_total identity": 1, "registrations_total customer": 1}
    asked = {"customer_id": customer, "type": "email_verification"}
    flow = api.post("/store/customers/otp/send", asked).json()["token"]
    assert counted() == {
        "codes_issued_total email no email_verification": 1,
        "messages_total django email delivered": 1,
        "delivery_seconds_count django email": 1,
    }
    api.post("/store/customers/otp/verify", {"token": flow, "code": wrong(last_code(JANE))})
    assert counted() == {"codes_tried_total email wrong email_verification": 1}
    api.post("/store/customers/otp/verify", {"token": flow, "code": last_code(JANE)})
    assert counted() == {
        "codes_tried_total email verified email_verification": 1,
        "contacts_total verified email": 1,
        "logins_total customer logged_in verification": 1,
    }


@with_routes
def test_logins_by_road_and_outcome(api, sign_up, verified, counted):
    sign_up("early@example.com")
    verified(JANE)
    counted()
    for email, password in (
        (JANE, PASSWORD),
        (JANE, "wrong"),
        ("nobody@example.com", "x"),
        ("early@example.com", PASSWORD),
    ):
        api.post(LOGIN, {"email": email, "password": password})
    assert counted() == {
        "logins_total customer logged_in password": 1,
        "logins_total customer failed password": 2,
        "logins_total customer verification_required password": 1,
    }
    api.post("/auth/user/emailpass", {"email": "boss@example.com", "password": "x"})
    assert counted() == {"logins_total user failed password": 1}


@with_routes
def test_codes_of_strangers_are_decoys(api, verified, counted):
    verified(JANE)
    counted()
    for who in (JANE, "nobody@example.com"):
        api.post(GENERATE, {"identifier": who})
    told = counted()
    assert told["codes_issued_total email no code_login"] == told["codes_issued_total email yes code_login"] == 1
    api.post(VERIFY, {"identifier": JANE, "otp": wrong(last_code(JANE))})
    assert counted() == {
        "codes_tried_total email wrong code_login": 1,
        "logins_total customer failed code": 1,
    }
    api.post(VERIFY, {"identifier": JANE, "otp": last_code(JANE)})
    assert counted() == {
        "codes_tried_total email verified code_login": 1,
        "logins_total customer logged_in code": 1,
    }


@with_routes
def test_staff_log_in_by_code_under_their_own_type(api, counted):
    api.post("/auth/user/otp/verify", {"identifier": "boss@example.com", "otp": "123456"})
    assert counted() == {"logins_total user failed code": 1}


@with_routes
def test_two_steps(api, verified, counted):
    verified(JANE)
    counted()
    api.post("/store/auth", {"email": JANE, "password": PASSWORD})
    assert counted()["logins_total customer code_required password"] == 1
    api.post("/store/auth/otp", {"email": JANE, "otp": last_code(JANE)})
    assert counted()["logins_total customer logged_in two_steps"] == 1


@with_routes
def test_a_second_step_by_code(api, verified, configure, counted):
    verified(JANE)
    configure(LOGIN={"SECOND_STEP": "otp"})
    counted()
    answer = api.post(LOGIN, {"email": JANE, "password": PASSWORD}).json()
    assert counted()["logins_total customer second_factor_required password"] == 1
    url = f"/auth/mfa/challenges/{answer['mfa_challenge']['id']}/verify"
    api.post(url, {"method": "otp", "code": wrong(last_code(JANE))}, token=answer["token"])
    assert counted() == {
        "codes_tried_total email wrong second_factor": 1,
        "logins_total customer failed second_factor": 1,
    }
    api.post(url, {"method": "otp", "code": last_code(JANE)}, token=answer["token"])
    assert counted() == {
        "codes_tried_total email verified second_factor": 1,
        "logins_total customer logged_in second_factor": 1,
    }


@with_routes
def test_refusals_by_rule_are_no_tries(api, verified, counted):
    verified(JANE)
    for _ in range(5):
        api.post(LOGIN, {"email": JANE, "password": "wrong"})
    counted()
    assert api.post(LOGIN, {"email": JANE, "password": PASSWORD}).status_code == 429
    assert counted() == {"requests_refused_total login_failed": 1}


@with_routes
def test_resets_and_changes_of_contacts(api, verified, reset_link, change_contact, counted):
    _, token = verified(JANE)
    change_contact(token, email="new@example.com")
    told = counted()
    assert (told["contacts_total changed email"], told["codes_tried_total email verified email_change"]) == (1, 1)
    link = reset_link("new@example.com")
    api.post(f"{LOGIN}/update", {"password": "another one entirely"}, token=link)
    told = counted()
    assert (told["password_changes_total reset"], told["codes_tried_total email verified password_reset"]) == (1, 1)


def test_the_rest_of_the_signals(counted):
    account_erased.send(None, customer_id="cus_1", request_id="1")
    contact_change_undone.send(None, customer=None, kind="email")
    second_factor_enabled.send(None, customer=None, provider="totp")
    second_factor_removed.send(None, customer=None, provider="totp")
    sms_budget_reached.send(None, percent=80, budget=5, prefix="+12025")
    sms_budget_reached.send(None, percent=100, budget=5, prefix=None)
    assert counted() == {
        "deletions_total erased": 1,
        "contacts_total undone email": 1,
        "second_factors_total enabled totp": 1,
        "second_factors_total removed totp": 1,
        "sms_budgets_reached_total prefix 80": 1,
        "sms_budgets_reached_total all 100": 1,
    }


@with_routes
def test_the_signals_say_nothing_of_anybody(hear, api, verified):
    heard = [hear(signal) for signal in (login_attempted, request_refused, code_issued, code_tried)]
    person, _ = verified(JANE)
    for _ in range(6):
        api.post(LOGIN, {"email": JANE, "password": "wrong"})
    api.post(GENERATE, {"identifier": JANE})
    api.post(VERIFY, {"identifier": JANE, "otp": wrong(last_code(JANE))})
    assert all(heard)
    assert not [part for part in (JANE, person.id, "jane") if part in repr(heard)]


def test_gauges_of_the_outbox_and_of_deletions(db):
    OutboxMessage.objects.create(
        kind="x",
        channel="email",
        destination=JANE,
        state="queued",
        next_attempt_at=timezone.now() - timedelta(minutes=1),
    )
    answer = Client().get("/metrics")
    told = {name: value for (name, labels), value in parsed(answer.content.decode()).items() if not labels}
    assert told["database_up"] == told["outbox_queued"] == 1
    assert 60 <= told["outbox_late_seconds"] < 90
    assert told["deletions_due"] == told["deletions_failed"] == 0
    assert "schedule_seconds" not in told  # nobody has counted yet
    assert answer.headers["content-type"].startswith("text/plain")
    assert set(collector.HELP) == set(Vitals.__dataclass_fields__)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_down_hides_no_counter(counted, error):
    def fail(execute, sql, parameters, many, context):
        raise error(f"no {JANE}")

    request_refused.send(None, rule="login")
    with connection.execute_wrapper(fail):
        answer = Client().get("/metrics")
    told = parsed(answer.content.decode())
    assert answer.status_code == 200
    assert told["database_up", ()] == 0
    assert told["requests_refused_total", (("rule", "login"),)] >= 1
    assert JANE not in answer.content.decode()


@with_routes
def test_a_delivery_is_counted_where_it_happens(queued_text, through, counted):
    through("locmem")
    messaging.deliver_due()
    backend = "customer_registration.messaging.backends.locmem.SMSBackend"
    assert counted() == {f"messages_total {backend} sms delivered": 1, f"delivery_seconds_count {backend} sms": 1}
