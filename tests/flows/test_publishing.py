"""Handing messages to Celery, and a broker that fails or hangs."""

import threading
import time

import pytest
from django.core import mail

from customer_registration import messaging, receivers
from customer_registration.models import OutboxMessage
from customer_registration.tasks import deliver_message

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def broker(monkeypatch):
    """A broker that can be switched off."""
    published, state = [], {"up": True}

    def publish(arguments, **options):
        published.append((arguments, options))
        if not state["up"]:
            raise ConnectionError("broker down")

    monkeypatch.setattr(receivers, "_has_broker", lambda app: True)
    monkeypatch.setattr(receivers, "publisher", receivers.Publisher())
    monkeypatch.setattr(deliver_message, "apply_async", publish)
    return published, state


def test_the_task_carries_the_row_id_and_nothing_else(broker, sign_up, send_code):
    send_code(sign_up())
    assert receivers.publisher.flush()
    [(arguments, options)] = broker[0]
    assert arguments == (OutboxMessage.objects.get().pk,)
    assert options == {"retry": False, "ignore_result": True}
    assert mail.outbox == []


def test_a_broker_that_is_down_fails_no_request_and_is_left_alone_for_ten_seconds(
    broker, monkeypatch, sign_up, send_code
):
    published, state = broker
    clock = [1000.0]
    monkeypatch.setattr(receivers.time, "monotonic", lambda: clock[0])
    state["up"] = False

    def send_codes(*emails):
        for email in emails:
            send_code(sign_up(email))
            assert receivers.publisher.flush()

    send_codes("a@example.com", "b@example.com")
    assert len(published) == 1
    clock[0] += 9.9
    send_codes("c@example.com")
    assert len(published) == 1
    clock[0] += 0.2
    state["up"] = True
    send_codes("d@example.com")
    assert len(published) == 2
    assert messaging.deliver_due() == 4


def test_a_broker_that_never_answers_is_not_waited_for(broker, monkeypatch, sign_up, send_code, caplog):
    answer, calls = threading.Event(), []

    def hang(arguments, **options):
        calls.append(arguments)
        answer.wait(30)

    monkeypatch.setattr(deliver_message, "apply_async", hang)
    monkeypatch.setattr(receivers, "BACKLOG", 2)
    monkeypatch.setattr(receivers, "publisher", receivers.Publisher())
    people = [sign_up(f"{name}@example.com") for name in "abcdef"]
    began = time.perf_counter()
    for person in people:
        send_code(person)
    assert time.perf_counter() - began < 5
    assert not receivers.publisher.flush(0.05)
    answer.set()
    assert receivers.publisher.flush()
    assert len(calls) == 3  # the one that hung, and what could wait behind it
    assert messaging.deliver_due() == 6
    said = [record.message for record in caplog.records if record.name == receivers.__name__]
    assert said == ["The broker does not answer: 2 messages wait for it, the sweep sends the others"]


def test_a_forked_process_publishes_from_a_thread_of_its_own(broker, sign_up, send_code):
    send_code(sign_up("a@example.com"))
    assert receivers.publisher.flush()
    receivers.publisher._thread = threading.Thread()  # as a fork leaves it: known, and not alive
    send_code(sign_up("b@example.com"))
    assert receivers.publisher.flush()
    assert len(broker[0]) == 2


@pytest.mark.parametrize(
    ("conf", "expected"),
    [
        ({}, False),
        ({"broker_url": "redis://x"}, True),
        ({"broker_write_url": "redis://x"}, True),
        ({"broker_url": "redis://x", "task_always_eager": True}, False),
    ],
)
def test_a_broker_is_what_celery_was_given(conf, expected):
    from celery import Celery

    assert receivers._has_broker(Celery(set_as_current=False, config_source={**conf})) is expected
