"""Messages that wait in the outbox."""

import pytest

from customer_registration.messaging.backends import locmem
from customer_registration.models import OutboxMessage


@pytest.fixture
def queued_text(sign_up, send_code, monkeypatch):
    """A code for a phone that waits in the outbox."""
    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
        send_code(sign_up(phone="+12025550123"), "phone")
    return OutboxMessage.objects.get()


@pytest.fixture
def queued(sign_up, send_code, monkeypatch):
    """A code that waits in the outbox, as it does while the broker has it."""
    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
        send_code(sign_up(first_name="Jané"))
    return OutboxMessage.objects.get()


@pytest.fixture
def through(configure):
    """Name the backends of the sms channel."""
    locmem.outbox.clear()
    built_in = "customer_registration.messaging.backends.{}.SMSBackend"
    return lambda *names: configure(
        CHANNELS={"sms": [name if "." in name else built_in.format(name) for name in names]}
    )
