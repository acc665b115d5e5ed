"""What a delivery writes down for the insights: the country of a number, and why a message did not arrive."""

import pytest

from customer_registration.enums import Outcome
from customer_registration.flows.insights import rollup
from customer_registration.messaging.backends.base import DeliveryError
from customer_registration.messaging.failures import outcome_of
from customer_registration.models import DailyFigure, OutboxMessage
from tests.texting import LOCMEM, code_to, notice_to, texted

pytestmark = [pytest.mark.life_cycle, pytest.mark.django_db]


def figures():
    """Return how many were counted of what."""
    rows = DailyFigure.objects.values_list("figure", "channel", "country", "reason", "count")
    return {tuple(key): count for *key, count in rows}


class Failing:
    """A backend that raises what it is told to."""

    error: Exception = DeliveryError("no", permanent=True)

    def send(self, message):
        """Fail."""
        raise self.error


def test_a_text_counts_for_the_country_of_its_number_also_once_it_is_forgotten(configure):
    configure(CHANNELS={"sms": [LOCMEM]}, SMS_GUARD={"COUNTRIES": ["US", "DE"]})
    texted(code_to("+12025550123"), notice_to("+4915123456789"), code_to("+442071838750"))
    assert not OutboxMessage.objects.filter(state="sent").exclude(destination="").exists()
    rollup.bring_up_to_date()
    assert figures() == {
        ("code", "sms", "US", "open"): 1,
        ("notice", "sms", "DE", "delivered"): 1,
        ("code", "sms", "GB", "held_number"): 1,
    }


def test_what_is_no_number_is_given_up_and_closed(configure):
    configure(CHANNELS={"sms": [LOCMEM]})
    message = code_to("+999", minutes=0.05)  # over before a second try
    assert texted(message) == [False]
    message.refresh_from_db()
    assert (message.state, message.country) == ("failed", "")


def test_a_message_that_is_given_up_says_why_in_one_word(configure, monkeypatch):
    configure(CHANNELS={"sms": [f"{__name__}.Failing"]}, SMS_GUARD={"NUMBER_TYPES": ["MOBILE", "FIXED_LINE_OR_MOBILE"]})
    texted(code_to("+12025550123"))
    rollup.bring_up_to_date()
    assert figures() == {("code", "sms", "US", "refused"): 1}


@pytest.mark.parametrize(
    ("to", "channel", "country"),
    [
        ("+870773111632", "sms", ""),  # a satellite's, which phonenumbers calls "001"
        ("+1jane@example.com", "email", ""),
        ("+jane@example.com", "email", ""),
        ("+12025550123", "whatsapp", "US"),
    ],
)
def test_what_is_of_no_country_is_sent_once_and_closed(configure, to, channel, country):
    configure(CHANNELS={"sms": [LOCMEM], "whatsapp": [LOCMEM], "email": ["django"]})
    assert texted(code_to(to, channel=channel, purpose="code_login")) == [True]
    message = OutboxMessage.objects.get()
    assert (message.state, message.country) == ("sent", country)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DeliveryError("busy"), Outcome.FAILED),
        (TimeoutError(), Outcome.FAILED),
        (ConnectionRefusedError(), Outcome.FAILED),
        (ValueError("+12025550123"), Outcome.ERROR),
    ],
)
def test_failures_are_sorted_by_class_and_never_by_their_text(error, outcome):
    assert outcome_of(error) == outcome
