"""manage.py send_test_message: does what the project has configured deliver, right now?"""

import io
import time

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from customer_registration import ratelimits
from customer_registration.exceptions import LimiterUnavailable
from customer_registration.messaging.backends import locmem
from customer_registration.messaging.backends.base import BaseBackend, DeliveryError
from customer_registration.models import AccountEvent, Customer, OtpVerification, OutboxMessage

PHONE = "+12025550123"
LOCMEM = "customer_registration.messaging.backends.locmem.SMSBackend"
BROKEN, SLOW, BUGGY = (f"tests.commands.test_send_test_message.{name}" for name in ("Broken", "Slow", "Buggy"))

pytestmark = pytest.mark.django_db


class Broken(BaseBackend):
    """A provider that refuses, and repeats the number."""

    def send(self, message):
        raise DeliveryError(f"no route to {message.destination}", permanent=True)


class Buggy(BaseBackend):
    """A backend with a fault."""

    def send(self, message):
        raise ZeroDivisionError("of mine")


class Slow(BaseBackend):
    """A provider that takes its time."""

    def send(self, message):
        time.sleep(0.05)


@pytest.fixture
def send(configure):
    """Run the command; return its lines. Text messages go by the backends that are named first."""
    locmem.outbox.clear()
    configure(CHANNELS={"sms": [LOCMEM]})

    def run(*arguments):
        out = io.StringIO()
        try:
            call_command("send_test_message", *arguments, stdout=out)
        except CommandError as error:
            return [*out.getvalue().splitlines(), f"Error: {error}"]
        return out.getvalue().splitlines()

    return run


def test_a_mail_arrives_without_any_customer(send):
    first, last = send("Jane@Example.com")
    assert first.startswith("django: taken in 0.")
    assert last.startswith("1 of 1 took a message to j***@example.com.")
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["jane@example.com"], "123456 is your verification code")
    assert "123456" in sent.body
    assert sent.alternatives


def test_nothing_is_written(send):
    send("jane@example.com")
    send(PHONE)
    assert not any(model.objects.exists() for model in (Customer, OtpVerification, OutboxMessage, AccountEvent))


def test_a_text_message_in_a_language(send):
    send(PHONE, "--language", "de")
    [sent] = locmem.outbox
    assert sent.destination == PHONE
    assert sent.text == "123456 ist Ihr Bestätigungscode\n\n@shop.example.com #123456"


def test_another_kind_of_message(send):
    send("jane@example.com", "--kind", "password_changed")
    assert mail.outbox[0].subject == "Your password was changed"


def test_every_backend_has_its_turn_and_each_says_how_it_went(send, configure):
    configure(CHANNELS={"sms": [BROKEN, BUGGY, SLOW, LOCMEM]})
    broken, buggy, slow, memory, last = send(PHONE)
    assert broken.startswith(f"{BROKEN}: failed after 0.0")
    assert broken.endswith("s: DeliveryError: no route to ***")
    assert buggy.endswith("ZeroDivisionError: of mine")
    assert float(slow.removeprefix(f"{SLOW}: taken in ").removesuffix(" s")) >= 0.05
    assert memory.startswith(f"{LOCMEM}: taken in")
    assert last.startswith("2 of 4 took a message to +12*****0123.")


def test_one_of_them_alone(send, configure):
    configure(CHANNELS={"sms": [BROKEN, LOCMEM]})
    assert len(send(PHONE, "--backend", LOCMEM)) == 2
    assert len(locmem.outbox) == 1
    assert send(PHONE, "--backend", "django") == [f"Error: 'django' is no backend of 'sms': {BROKEN}, {LOCMEM}."]


def test_the_status_says_that_none_took_it(send, configure):
    configure(CHANNELS={"sms": [BROKEN, BUGGY]})
    assert send(PHONE)[-1] == "Error: No backend of 'sms' took a message to +12*****0123."


def test_a_template_that_fails_is_a_failure_like_any_other(send, configure):
    configure(EMAIL_VERIFICATION={"TEMPLATE": "nowhere.html"})
    assert "TemplateDoesNotExist: nowhere.html" in send("jane@example.com")[0]


def test_a_country_that_is_not_texted_is_refused_before_the_provider(send, configure):
    configure(SMS_GUARD={"COUNTRIES": ["CA"]})
    assert send(PHONE)[0] == f"{LOCMEM}: not asked, SMS_GUARD refuses: numbers of US are not texted"
    assert locmem.outbox == []


def test_it_counts_on_the_budgets_for_it_costs_as_much(send, configure):
    configure(SMS_GUARD={"HOURLY_BUDGET": 2})
    assert [send(PHONE)[0].partition(" in ")[0] for _ in range(3)] == [
        f"{LOCMEM}: taken",
        f"{LOCMEM}: taken",
        f"{LOCMEM}: not asked, SMS_GUARD refuses: the hourly budget of all is used up",
    ]
    assert ratelimits.hourly(2, "sms_budget", "all").count() == 2


def test_without_counters_nothing_is_sent(send, configure, monkeypatch):
    def down(self):
        raise LimiterUnavailable

    configure(SMS_GUARD={"HOURLY_BUDGET": 2})
    monkeypatch.setattr("customer_registration.ratelimits.Counter.hit", down)
    assert send(PHONE) == ["Error: The limiter's store is down, so the SMS guard cannot count: nothing was sent."]
    assert locmem.outbox == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "'nobody' is no phone number"),
        (["jane@"], "'jane@' is no e-mail address"),
        ([PHONE, "--channel", "pigeon"], "CHANNELS has no backend for 'pigeon'"),
        ([PHONE, "--channel", "email"], "The channel 'email' does not reach +12*****0123"),
        (["jane@example.com", "--channel", "sms"], "The channel 'sms' does not reach j***@example.com"),
        ([PHONE, "--language", "tlh"], "'tlh' is none of LANGUAGES"),
        ([PHONE, "--kind", "poem"], "'poem' is no kind of message: account_deletion_cancel"),
    ],
)
def test_what_names_nothing_is_said(send, arguments, said):
    [line] = send(*arguments)
    assert line.startswith(f"Error: {said}")
    assert (locmem.outbox, mail.outbox) == ([], [])


def test_a_channel_of_the_projects_own(send, configure):
    configure(CHANNELS={"whatsapp": [LOCMEM]})
    send(PHONE, "--channel", "whatsapp")
    assert [(sent.channel, "@shop" in sent.text) for sent in locmem.outbox] == [("whatsapp", False)]
