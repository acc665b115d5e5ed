"""`staff` sits at Django's admin; `leaver` has confirmed that they leave; `veto` keeps an account from being erased."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customer_registration import signals
from customer_registration.enums import DeletionStatus
from customer_registration.exceptions import ErasureVetoed
from customer_registration.local_time import today
from customer_registration.models import AccountDeletionRequest, Customer
from customer_registration.models.account_deletion_request import hash_of
from tests.conftest import Api, Person, last_code, new_user

ACTIONS = ("cancel", "postpone", "erase_now", "retry")
PERMISSIONS = {"cancel": "cancel", "postpone": "postpone", "erase_now": "erase", "retry": "erase"}
LIST = "admin:customer_registration_accountdeletionrequest_changelist"
PAGE = "admin:customer_registration_accountdeletionrequest_change"
HISTORY = "admin:customer_registration_accountdeletionrequest_history"
BASE = "/store/customers/account-deletion"


def far_off(days: int = 40) -> str:
    """Return a day to come, as a form takes it."""
    return str(today() + timedelta(days=days))


def said(answer: Any) -> list[tuple[str, str]]:
    """Return what the user was told: levels and texts."""
    return [(message.level_tag, str(message)) for message in answer.context["messages"]]


def seen_on(asked: Any) -> dict[str, str]:
    """Return the fields in which a page that asks has written down how each request stands."""
    return dict(re.findall(r'<input type="hidden" name="(seen_\w+)" value="([^"]*)">', asked.content.decode()))


@dataclass
class Desk:
    """A member of staff in a browser; what is due on commit runs after each request."""

    user: Any
    client: Client
    commit: Callable[..., Any]

    def listing(self, query: str = "") -> Any:
        """Open the list."""
        return self.client.get(f"{reverse(LIST)}{query}")

    def shown(self, query: str = "") -> list[str]:
        """Return the customers in the list."""
        return [row.customer_ref for row in self.listing(query).context["cl"].result_list]

    def page(self, row: AccountDeletionRequest) -> Any:
        """Open the page of one request."""
        return self.client.get(reverse(PAGE, args=[row.pk]))

    def history(self, row: AccountDeletionRequest) -> Any:
        """Open what the admin logged of one request."""
        return self.client.get(reverse(HISTORY, args=[row.pk]))

    def ask(self, action: str, *rows: AccountDeletionRequest, query: str = "", **fields: Any) -> Any:
        """Choose an action for some rows, and come to the page that asks, or wherever it leads."""
        ticked = [row.pk for row in rows]
        with self.commit(execute=True):
            sent = {"action": action, "_selected_action": ticked, **fields}
            return self.client.post(f"{reverse(LIST)}{query}", sent, follow=True)

    def agree(self, asked: Any, action: str, *rows: AccountDeletionRequest, **fields: Any) -> Any:
        """Say yes on a page that asks, however old it is by now."""
        day = {"day": far_off()} if action == "postpone" else {}
        return self.ask(action, *rows, **{"confirmed": "yes", **seen_on(asked), **day, **fields})

    def do(self, action: str, *rows: AccountDeletionRequest, **fields: Any) -> Any:
        """Come to the page that asks, and say yes."""
        return self.agree(self.ask(action, *rows, **fields), action, *rows, **fields)


@pytest.fixture
def staff(api: Api) -> Callable[..., Desk]:
    """Hire somebody who may ``view``, ``cancel``, ``postpone`` or ``erase`` deletion requests, or holds a codename."""

    def hire(*verbs: str, name: str = "boss", **fields: Any) -> Desk:
        user = new_user(name, f"{name}@staff.example.com", **{"is_staff": True, **fields})
        codenames = [verb if "_" in verb else f"{verb}_accountdeletionrequest" for verb in verbs]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return Desk(user, client, api.commit)

    return hire


@pytest.fixture
def boss(staff: Callable[..., Desk]) -> Desk:
    """Somebody who may do all of it."""
    return staff("view", "cancel", "postpone", "erase")


@pytest.fixture
def leaver(api: Api, verified: Callable[..., tuple[Person, str]]) -> Callable[..., AccountDeletionRequest]:
    """Sign up, and confirm the deletion of the account by its code."""

    def run(email: str = "jane@example.com", *, agent: str = "A browser", **body: Any) -> AccountDeletionRequest:
        _, token = verified(email)
        asked = api.post(f"{BASE}/request", body, token=token, **{"user-agent": agent})
        assert asked.status_code == 200, asked.content
        answer = api.post(f"{BASE}/confirm", {"token": asked.json()["token"], "code": last_code(email)})
        assert answer.status_code == 200, answer.content
        return AccountDeletionRequest.objects.get(pk=answer.json()["request"]["id"])

    return run


@pytest.fixture
def row(db: None) -> Callable[..., AccountDeletionRequest]:
    """Store the request of a customer without a user, ``days`` before the erasure."""

    def make(status: DeletionStatus = DeletionStatus.CONFIRMED, *, days: int = 10, **contact: Any) -> Any:
        customer = Customer.objects.create(**contact)
        open_ = status in (DeletionStatus.PENDING, DeletionStatus.CONFIRMED, DeletionStatus.FAILED)
        due = timezone.now() + timedelta(days=days)
        return AccountDeletionRequest.objects.create(
            customer=customer,
            customer_ref=customer.pk,
            active_customer_id=customer.pk if open_ else None,
            identifiers_hash=hash_of(customer),
            status=status,
            scheduled_at=None if status == DeletionStatus.PENDING else due,
            due_at=due if status in (DeletionStatus.CONFIRMED, DeletionStatus.FAILED) else None,
        )

    return make


@pytest.fixture
def veto() -> Iterator[Callable[..., None]]:
    """Refuse the erasure of some accounts, or of all."""
    receivers = []

    def refuse(*rows: AccountDeletionRequest, reason: str = "An order is on its way.") -> None:
        ids = [row.customer_ref for row in rows]

        def receiver(sender: Any, customer: Customer, **rest: Any) -> None:
            if not ids or customer.pk in ids:
                raise ErasureVetoed(reason)

        signals.account_about_to_be_erased.connect(receiver, weak=False)
        receivers.append(receiver)

    yield refuse
    for receiver in receivers:
        signals.account_about_to_be_erased.disconnect(receiver)


@pytest.fixture
def failed(leaver: Callable[..., AccountDeletionRequest]) -> Callable[..., AccountDeletionRequest]:
    """Confirm a deletion whose erasure has failed once; nothing stands in its way by now."""

    def run(email: str = "jane@example.com", **body: Any) -> AccountDeletionRequest:
        request = leaver(email, **body)
        AccountDeletionRequest.objects.filter(pk=request.pk).update(
            status=DeletionStatus.FAILED, tries=1, last_error="An order is on its way."
        )
        request.refresh_from_db()
        return request

    return run
