"""The last message: to the contact that was told all along, in its language, and forgotten once it is sent."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from customer_registration import messaging
from customer_registration.enums import ErasureStrategy
from customer_registration.flows.deletion.executor import Run
from customer_registration.models import AccountDeletionRequest, OutboxMessage
from tests.conftest import messages_to
from tests.deletion.due import due, make_staff, purge

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]
LAST_WORDS = OutboxMessage.objects.filter(kind="account_erased")
PHONE = "+12025550123"


@pytest.mark.parametrize("strategy", ErasureStrategy)
def test_deliver_messages_sends_it_and_the_address_is_forgotten(strategy):
    due()
    Run(strategy=strategy).work()
    waiting = LAST_WORDS.get()
    assert (waiting.state, waiting.destination, waiting.channel) == ("queued", "jane@example.com", "email")
    assert (waiting.customer, waiting.otp, waiting.context) == (None, None, {})
    assert purge(command="deliver_messages") == "1 sent\n"
    [text] = messages_to("jane@example.com")
    assert "erased" in text or "deleted" in text
    sent = LAST_WORDS.get()
    assert (sent.state, sent.destination, sent.context) == ("sent", "", {})


def test_several_people_are_told_each_at_their_own_address():
    due("ann")
    due("bob", email=None, email_verified_at=None, phone=PHONE)
    Run().work()
    assert set(LAST_WORDS.values_list("destination", "channel")) == {("ann@example.com", "email"), (PHONE, "sms")}
    call_command("deliver_messages", stdout=None)
    assert len(messages_to("ann@example.com")) == len(messages_to(PHONE)) == 1


@pytest.mark.parametrize(
    ("email_proven", "phone_proven", "told"),
    [
        (True, True, "jane@example.com"),
        (True, False, "jane@example.com"),
        (False, True, PHONE),
        (False, False, "jane@example.com"),
    ],
)
def test_a_proven_address_comes_first_then_a_proven_number(email_proven, phone_proven, told):
    now = timezone.now()
    proven = {"email_verified_at": now if email_proven else None, "phone_verified_at": now if phone_proven else None}
    request = due(phone=PHONE, **proven)
    assert request.customer.notice_contact.value == told
    Run().work()
    assert LAST_WORDS.get().destination == told


def test_it_is_in_the_language_in_which_the_person_asked():
    request = due()
    AccountDeletionRequest.objects.filter(pk=request.pk).update(language="de")
    Run().work()
    assert LAST_WORDS.get().language == "de"


def test_nobody_is_told_who_stays_or_cannot_be_reached():
    make_staff(due("boss").customer)
    due("nobody", email=None, email_verified_at=None)
    assert Run().work().erased == 1
    assert not LAST_WORDS.exists()


def test_earlier_messages_that_still_wait_are_not_sent_any_more(leaving, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
        request = due()
        OutboxMessage.objects.create(
            kind="account_deletion_reminder", channel="email", destination="jane@example.com", customer=request.customer
        )
        Run().work()
    assert messaging.deliver_due() == 1
    assert len(messages_to("jane@example.com")) == 1


def test_an_address_that_cannot_be_reached_is_forgotten_too(mail_through):
    mail_through("nowhere")
    due()
    Run().work()
    waiting = LAST_WORDS.get()
    messaging.deliver(waiting.pk)
    tried = LAST_WORDS.get()
    assert (tried.state, tried.tries) == ("queued", 1)
    assert "jane" not in tried.last_error
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(days=2), next_attempt_at=timezone.now())
    messaging.deliver(waiting.pk)
    assert (LAST_WORDS.get().state, LAST_WORDS.get().destination) == ("failed", "")
