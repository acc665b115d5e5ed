"""The sweep: what is wrong with one message or its channel keeps no other waiting."""

import pytest
from django.db import DataError

from customer_registration import messaging
from customer_registration.messaging import delivery
from customer_registration.models import OutboxMessage

pytestmark = pytest.mark.life_cycle


@pytest.mark.parametrize("channels", [{"email": []}, {"email": ["nowhere.Backend"]}])
def test_a_channel_that_cannot_be_used_loses_nothing_and_blocks_no_sweep(queued, settings, channels):
    settings.CUSTOMER_REGISTRATION = {**settings.CUSTOMER_REGISTRATION, "CHANNELS": channels}
    assert messaging.deliver_due() == 0
    queued.refresh_from_db()
    assert (queued.state, queued.tries) == ("queued", 1)
    assert queued.last_error


def test_a_message_that_cannot_be_closed_keeps_no_other_waiting(queued, monkeypatch, caplog):
    other = OutboxMessage.objects.create(kind="password_changed", channel="email", destination="jane@example.com")
    finish = delivery._finish

    def fail_for_the_first(message, *args, **options):
        if message.pk == queued.pk:
            raise DataError("value too long: jane@example.com")
        finish(message, *args, **options)

    monkeypatch.setattr(delivery, "_finish", fail_for_the_first)
    assert messaging.deliver_due() == 1
    other.refresh_from_db()
    assert other.state == "sent"
    assert "DataError" in caplog.text
    assert "jane@example.com" not in caplog.text
