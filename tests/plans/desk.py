"""Open the pages of the admin and run the sweeps, so that an observer sees what they read."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customer_registration import messaging
from customer_registration.enums import ErasureStrategy
from customer_registration.flows import housekeeping, revocation, vitals
from customer_registration.flows.deletion import reminders
from customer_registration.flows.deletion.executor import Run
from customer_registration.flows.insights import rollup
from customer_registration.flows.standing.explanation import explain
from customer_registration.flows.standing.person import named
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
    SecondFactor,
)
from tests.benchmarks.people import LEAVING, customer_id, person
from tests.conftest import new_user
from tests.plans.explain import Observer

MODELS = (Customer, OtpVerification, OutboxMessage, AccountEvent, AccountDeletionRequest, SecondFactor)
SOMEBODY = 200 + LEAVING.start
PAGES = {
    "list": "",
    "search by address": f"?q={person(SOMEBODY).email}",
    "search by id": f"?q={customer_id(SOMEBODY)}",
}
FEW = 20  # rows in a batch: of a small table a thousand are best read from end to end


def open_the_pages(observer: Observer) -> None:
    """Open every list, search in it, and open the page of a row."""
    clerk, client = new_user("clerk", "clerk@example.com", is_staff=True, is_superuser=True), Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    for model in MODELS:
        name = model._meta.model_name
        pages = {page: reverse(f"admin:customer_registration_{name}_changelist") + PAGES[page] for page in PAGES}
        newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        pages["page"] = reverse(f"admin:customer_registration_{name}_change", args=[newest])
        for page, url in pages.items():
            with observer.at(f"admin: {page}, {name}"):
                answer = client.get(url)
            assert answer.status_code == 200, url


def stand_at_the_counter(observer: Observer) -> None:
    """Ask what is counted against somebody, known or not, and log everybody out."""
    with observer.at("command: explain_limits"):
        for who in (person(SOMEBODY).email, "nobody@example.com"):
            explain(named(who), ip="192.0.2.1", now=timezone.now())
    with observer.at("command: revoke_sessions"):
        assert revocation.end_everybodys(by="revoke_sessions")


def run_the_sweeps(observer: Observer, clock: Any) -> None:
    """Do what beat does, three hours on; then erase accounts, the first of which are due days later."""
    clock.shift(timedelta(hours=3))
    with observer.at("probe: health"):
        assert vitals.read(now=timezone.now())
    with observer.at("sweep: messages"):
        messaging.deliver_due()
    with observer.at("sweep: housekeeping"):
        housekeeping.purge(batch_size=FEW)
    with observer.at("sweep: insights"):
        rollup.bring_up_to_date()
    clock.shift(timedelta(days=3))
    with observer.at("sweep: reminders"):
        reminders.send_due()
    for strategy in ErasureStrategy:
        with observer.at(f"sweep: deletions, {strategy}"):
            assert Run(strategy=strategy, limit=3).work().erased
