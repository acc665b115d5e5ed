"""Handing messages to Celery, and a broker that fails or hangs."""

import pytest
from django.core import mail

from customer_registration import messaging, receivers
from customer_registration.models import OutboxMessage

pytestmark = pytest.mark.life_cycle


@pytest.fixture
def broker(monkeypatch):
    """A broker that can be switched off."""
    from customer_registration.tasks import deliver_message

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
    send_code(sign_up("a@example.com"))
    send_code(sign_up("b@example.com"))
    assert len(published) == 1
    clock[0] += 9.9
    send_code(sign_up("c@example.com"))
    assert len(published) == 1
    clock[0] += 0.2
    state["up"] = True
    send_code(sign_up("d@example.com"))
    assert len(published) == 2
    assert messaging.deliver_due() == 4


def test_a_broker_that_never_answers_is_not_waited_for(broker, monkeypatch, sign_up, send_code):
    import threading

    from customer_registration.tasks import deliver_message

    answer = threading.Event()
    calls = []

    def hang(arguments, **options):
        calls.append(arguments)
        answer.wait(30)

    monkeypatch.setattr(deliver_message, "apply_async", hang)
    monkeypatch.setattr(receivers, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(receivers, "PAUSE_SECONDS", 0.0)
    send_code(sign_up("a@example.com"))
    send_code(sign_up("b@example.com"))  # the first attempt still hangs: no second thread is spent on it
    assert len(calls) == 1
    answer.set()
    receivers.publisher._stuck.join()
    send_code(sign_up("c@example.com"))
    assert len(calls) == 2


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
