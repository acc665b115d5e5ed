"""Row A10: no text about a person holds a contact, a code or a token: models, errors, tokens, logs."""

import inspect
import logging
import pickle
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from customer_registration import exceptions
from customer_registration.enums import IdentifierKind
from customer_registration.exceptions import AccountDeletionPending, CustomerRegistrationError, ErasureVetoed
from customer_registration.flows.client import Client
from customer_registration.flows.deletion import cancellation
from customer_registration.flows.deletion.cancellation import NothingToCancel
from customer_registration.flows.deletion.executor import Run
from customer_registration.flows.password_reset import open_link
from customer_registration.models import (
    AccountDeletionRequest,
    AccountEvent,
    Customer,
    OtpVerification,
    OutboxMessage,
)
from tests.conftest import PASSWORD, wrong
from tests.security.kinds import DELETION, KINDS, PHONES
from tests.security.places import use

OURS = list(apps.get_app_config("customer_registration").get_models())


def secrets_of(secret):
    found = [
        secret.value,
        f"{secret.name}@",
        PHONES[secret.name],
        "next@example.com",
        "+447400123999",
        "another battery",
    ]
    return found + ([secret.code] if secret.row and secret.code != "000000" else [])


@pytest.mark.parametrize("kind", KINDS)
def test_a10_no_model_says_a_contact_or_a_secret_of_its_rows(wallet, kind):
    secret = wallet.make(kind)
    use(secret, wallet)
    said = [text for model in OURS for row in model.objects.all() for text in (str(row), repr(row))]
    assert len(said) > 4
    for word in secrets_of(secret):
        assert not [text for text in said if word in text]


@pytest.mark.parametrize("kind", KINDS)
def test_a10_no_log_record_of_ours_holds_a_contact_or_a_secret(wallet, kind, caplog):
    with caplog.at_level(logging.DEBUG, logger="customer_registration"):
        secret = wallet.make(kind)
        use(secret, wallet)
        use(secret.with_value("junk"), wallet)
    said = [
        record.getMessage() + str(record.exc_info or "") for record in caplog.records if "django.db" not in record.name
    ]
    for word in secrets_of(secret):
        assert not [text for text in said if word in text]


@pytest.mark.parametrize("kind", KINDS)
def test_a10_the_audit_trail_and_the_outbox_hold_no_secret_and_mask_contacts(wallet, kind):
    secret = wallet.make(kind)
    use(secret, wallet)
    events = [f"{event.kind} {event.contact} {event.detail}" for event in AccountEvent.objects.all()]
    contexts = [str(message.context) for message in OutboxMessage.objects.all()]
    assert events
    for word in secrets_of(secret):
        assert not [text for text in events + contexts if word in text]


@pytest.mark.parametrize("kind", KINDS)
def test_a10_a_pickled_row_holds_no_secret(wallet, kind):
    """As a cache, a task or a crash report writes it down. Contacts are what a row is made of; secrets are not."""
    secret = wallet.make(kind)
    pickled = b"".join(pickle.dumps(row) for model in OURS for row in model.objects.all())
    secrets = {secret.value, *([secret.code] if secret.row else [])} - {"000000"}
    if kind == "session cookie":
        secrets.add(secret.bearer)
    assert not [text for text in secrets if text.encode() in pickled]


ARGUMENTS = {
    "kind": IdentifierKind.EMAIL,
    "actor": "customer",
    "provider": "emailpass",
    "retry_after": 5,
    "customer_id": "cus_x",
    "scheduled_at": None,
    "message": None,
}
ERRORS = [
    error
    for error in vars(exceptions).values()
    if inspect.isclass(error) and issubclass(error, CustomerRegistrationError)
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_a10_an_error_is_made_of_constants_and_says_no_more_than_its_message(error):
    names = [
        name
        for name, parameter in inspect.signature(error.__init__).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name != "self"
    ]
    assert set(names) <= set(ARGUMENTS), "an error that is told something new: may it be said?"
    raised = error(**{name: ARGUMENTS[name] for name in names})
    assert str(raised) == raised.message
    assert b"@" not in pickle.dumps(raised)
    assert "@" not in str(raised)
    assert "+44" not in repr(raised)


def test_a10_tokens_and_links_on_their_way_say_no_contact_and_no_secret(wallet):
    secret = wallet.make("reset link")
    link = open_link(secret.value, actor="customer", provider="emailpass")
    said = f"{link!r} {link}"
    assert secret.value not in said
    assert Customer.objects.get().user.password not in said
    assert "jane@example.com" not in said


def test_a10_nothing_said_of_a_departure_holds_a_contact_a_secret_or_the_reason(wallet, caplog):
    said = {"reason": "You sold my address to a circus", "user-agent": "Peculiar/1.0"}
    with caplog.at_level(logging.DEBUG):
        wallet.api.client.defaults["HTTP_USER_AGENT"] = said["user-agent"]
        bearer, asked = wallet.bearer("jane"), wallet.make("deletion code")
        AccountDeletionRequest.objects.update(reason=said["reason"])
        wrongly = {"token": asked.value, "code": wrong(asked.code)}
        assert wallet.api.post(f"{DELETION}/confirm", wrongly).status_code == 400
        assert use(asked, wallet).status_code == 200
        login = {"email": "jane@example.com", "password": PASSWORD}
        assert wallet.api.post("/auth/customer/emailpass", login).status_code == 403
        keep = cancellation.request(Customer.objects.get(email="jane@example.com").notice_contact, client=Client())
        to_stay = OtpVerification.objects.latest("pk").code()
        wallet.api.post(f"{DELETION}/cancel-confirm", {"token": keep.token, "code": wrong(to_stay)})
        rows = [row for model in OURS for row in model.objects.all()]
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            run = Run()
            tally = run.work()
    assert tally.erased == 1
    errors = (AccountDeletionPending(timezone.now()), NothingToCancel(), ErasureVetoed())
    texts = [f"{each} {each!r}" for each in (*rows, keep, run, tally, *errors)]
    texts += [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert len(texts) > 20
    secrets = {"e-mail": "jane@", "flow": asked.value, "code": asked.code, "way back": keep.token, "its code": to_stay}
    for name, secret in {**said, **secrets, "number": PHONES["jane"], "bearer": bearer, "password": PASSWORD}.items():
        assert not [text for text in texts if secret in text], name
