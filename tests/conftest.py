"""Fixtures that read like the story: `api` speaks HTTP, `sign_up` registers, `last_code` reads the mail."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import django
import hypothesis
import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client

from customer_registration.models import Customer
from customer_registration.testing import Outbox
from example_project.inbox.models import InboxMessage
from example_project.settings import merged
from tests import rows
from tests.clock import clock  # noqa: F401  # fixture
from tests.collector import pytest_collection_finish  # noqa: F401  # hook
from tests.counting import cost, counted  # noqa: F401  # fixtures
from tests.described import every_error_is_described  # noqa: F401  # fixture
from tests.flushing import quick_flush  # noqa: F401  # fixture
from tests.rows import over_http, rows_will_do  # noqa: F401  # fixtures
from tests.secret_search.fixture import leaks, no_secret_got_out, watched  # noqa: F401  # fixtures

PASSWORD = "correct horse battery"

# A busy machine is no reason to fail: no test of ours looks at the clock.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


# A shop of somebody else's, which is tested as such: test_kit/test_host_project.py
collect_ignore = ["host_project"]


def pytest_configure(config: pytest.Config) -> None:
    """Have the test kit, also where the package was installed before it had an entry point."""
    if not config.pluginmanager.hasplugin("customer_registration"):
        config.pluginmanager.import_plugin("customer_registration.testing.plugin")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With TEST_FORBID_SKIPS set, as in CI, a leg that cannot run fails."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("TEST_FORBID_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Lay options over the project's dict: ``configure(OTP={"LENGTH": 8})``."""

    def change(**options: Any) -> None:
        settings.CUSTOMER_REGISTRATION = merged(settings.CUSTOMER_REGISTRATION, options)

    return change


@pytest.fixture
def mail_through(settings: Any) -> Callable[..., None]:
    """Send mail by another backend: ``EMAIL_*`` or, from Django 6.1 on, ``MAILERS``."""

    def change(backend: str, **options: Any) -> None:
        dotted = f"django.core.mail.backends.{backend}.EmailBackend"
        if django.VERSION >= (6, 1):
            settings.MAILERS = {"default": {"BACKEND": dotted, "OPTIONS": options}}
            return
        settings.EMAIL_BACKEND = dotted
        for name, value in options.items():
            setattr(settings, f"EMAIL_{name.upper()}", value)

    return change


@dataclass
class Api:
    """An HTTP client whose answers are read as JSON; what is due on commit runs after each request."""

    commit: Callable[..., Any]
    client: Client = field(default_factory=Client)

    def post(self, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Any:
        """POST a JSON body."""
        return self.request("post", path, body, token=token, **headers)

    def get(self, path: str, *, token: str | None = None, **headers: str) -> Any:
        """GET."""
        return self.request("get", path, token=token, **headers)

    def request(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Any:
        """Send any method."""
        sent = dict(headers)
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        options: dict[str, Any] = {"headers": sent}
        if method != "get":
            options |= {"data": {} if body is None else body, "content_type": "application/json"}
        with self.commit(execute=True):
            return getattr(self.client, method)(path, **options)

    def another(self, **defaults: str) -> "Api":
        """Return another device, with cookies of its own; ``REMOTE_ADDR="192.0.2.1"`` is elsewhere."""
        return replace(self, client=Client(**defaults))

    def never_committing(self) -> "Api":
        """Return the same device where nothing that is due on commit ever runs."""
        return replace(self, commit=lambda execute: nullcontext())


@pytest.fixture
def api(db: None, django_capture_on_commit_callbacks: Callable[..., Any]) -> Api:
    """The API over HTTP, in a transaction that the test rolls back."""
    return Api(commit=django_capture_on_commit_callbacks)


@dataclass
class Person:
    """Somebody who signed up: their e-mail, password, registration token and customer id."""

    email: str
    password: str
    token: str
    id: str

    @property
    def row(self) -> Customer:
        """The customer as stored now."""
        return Customer.objects.select_related("user").get(pk=self.id)


@pytest.fixture
def register(api: Api, by_rows: Callable[..., bool]) -> Callable[..., str]:
    """Register an identity and return its registration token."""

    def run(email: str = "jane@example.com", password: str = PASSWORD) -> str:
        if by_rows(email, {}):
            return rows.write(email, password)[1]
        answer = api.post("/auth/customer/emailpass/register", {"email": email, "password": password})
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    return run


@pytest.fixture
def sign_up(api: Api, register: Callable[..., str], by_rows: Callable[..., bool]) -> Callable[..., Person]:
    """Register and create a customer, not verified yet."""

    def run(email: str = "jane@example.com", password: str = PASSWORD, **profile: Any) -> Person:
        if by_rows(email, profile):
            customer, token, _ = rows.write(email, password, profile)
            return Person(email, password, token, customer.pk)
        token = register(email, password)
        answer = api.post("/store/customers", profile, token=token)
        assert answer.status_code == 200, answer.content
        return Person(email, password, token, answer.json()["customer"]["id"])

    return run


@pytest.fixture
def send_code(api: Api) -> Callable[..., str]:
    """Send a verification code to a person and return the flow token."""

    def run(person: Person, kind: str = "email") -> str:
        answer = api.post("/store/customers/otp/send", {"customer_id": person.id, "type": f"{kind}_verification"})
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    return run


@pytest.fixture
def verified(
    api: Api, sign_up: Callable[..., Person], send_code: Callable[..., str], by_rows: Callable[..., bool]
) -> Callable[..., tuple[Person, str]]:
    """Sign up, prove the address by its code, and return the person and a login token."""

    def run(email: str = "jane@example.com", password: str = PASSWORD, **profile: Any) -> tuple[Person, Any]:
        if by_rows(email, profile):
            customer, registered, token = rows.write(email, password, profile, verified=True)
            return Person(email, password, registered, customer.pk), token
        person = sign_up(email, password, **profile)
        answer = api.post("/store/customers/otp/verify", {"token": send_code(person), "code": last_code(email)})
        assert answer.status_code == 200, answer.content
        return person, answer.json()["token"]

    return run


@pytest.fixture
def prove(api: Api, send_code: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Prove a contact that a person holds, by its code."""

    def run(person: Person, kind: str) -> dict[str, Any]:
        proof = {"token": send_code(person, kind), "code": last_code(getattr(person.row, kind))}
        answer = api.post("/store/customers/otp/verify", proof)
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    return run


@pytest.fixture
def change_contact(api: Api) -> Callable[..., str]:
    """Change a contact by the code that went to the new one; return the fresh token."""

    def run(token: str, **contact: str) -> str:
        url = "/store/customers/me/contact"
        asked = api.post(url, contact, token=token)
        assert asked.status_code == 200, asked.content
        proof = {"token": asked.json()["token"], "code": last_code(*contact.values())}
        answer = api.post(f"{url}/verify", proof, token=token)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["token"])

    return run


@pytest.fixture
def reset_link(api: Api) -> Callable[..., str]:
    """Ask for a password reset and return the token of the link that came."""

    def run(to: str = "jane@example.com") -> str:
        answer = api.post("/auth/customer/emailpass/reset-password", {"identifier": to})
        assert answer.status_code == 201, answer.content
        return link_token(to)

    return run


@pytest.fixture
def hear() -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Listen to a signal: ``heard = hear(contact_changed)`` grows with the arguments of each one sent."""
    connected = []

    def listen(signal: Any) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []

        def note(signal: Any, sender: Any, **arguments: Any) -> None:
            heard.append(arguments)

        signal.connect(note, weak=False)
        connected.append((signal, note))
        return heard

    yield listen
    for signal, note in connected:
        signal.disconnect(note)


def new_user(name: str, email: str, password: str = PASSWORD, **fields: Any) -> Any:
    """Save a user of whatever model; ``name`` is the username unless the address is."""
    model = get_user_model()
    user = model(**{model.USERNAME_FIELD: name, "email": email, **fields})
    user.set_password(password)
    user.save()
    return user


def holds_no_contact(user: Any) -> bool:
    """Whether a user's address and number are empty, or replaced where the model cannot leave them empty."""
    contacts = [user.email, getattr(user, "phone", None)]
    return all(not contact or re.fullmatch("closed-[g-p]+", contact) for contact in contacts)


def messages_to(to: str) -> list[str]:
    """Return the texts of every mail or text message to an address or a number, newest first."""
    if "@" in to:
        return [str(message.body) for message in reversed(mail.outbox) if message.to == [to]]
    return list(InboxMessage.objects.filter(to=to, channel="sms").values_list("text", flat=True))


def last_code(to: str) -> str:
    """Return the code of the newest message to an address or a number that carries one."""
    return Outbox().last_code(to)


def link_token(to: str) -> str:
    """Return the token of the newest link that was sent to an address or a number."""
    newest = next(text for text in messages_to(to) if "token=" in text)
    return re.split(r"[\s&]", newest.partition("token=")[2])[0]


def wrong(code: str) -> str:
    """Return another code of the same length."""
    return ("1" if code[0] != "1" else "2") + code[1:]
