"""The backends of text messages that need no provider: console, memory, file."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from customer_registration import messaging
from customer_registration.messaging.backends import console, file, locmem
from customer_registration.messaging.backends.base import Message

pytestmark = pytest.mark.django_db
PHONE = "+12025550123"
MESSAGE = Message("sms", PHONE, "Your code is 482913")


@pytest.fixture(autouse=True)
def clear():
    locmem.outbox.clear()


def test_console_prints(capsys):
    console.SMSBackend().send(MESSAGE)
    assert capsys.readouterr().out == f"SMS to {PHONE}\nYour code is 482913\n"


def test_locmem_keeps_what_it_is_given(queued_text, through):
    through("locmem")
    assert messaging.deliver(queued_text.pk) is True
    [message] = locmem.outbox
    assert message.destination == PHONE
    assert queued_text.otp.code() in message.text


def test_file_appends_to_one_private_file_a_process(settings, tmp_path):
    settings.SMS_FILE_PATH = tmp_path / "texts" / "today"
    backend = file.SMSBackend()
    backend.send(MESSAGE)
    backend.send(Message("sms", PHONE, "Später: €"))
    [written] = settings.SMS_FILE_PATH.iterdir()
    assert written.read_text() == f"SMS to {PHONE}\nYour code is 482913\n\nSMS to {PHONE}\nSpäter: €\n\n"
    assert written.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", [None, ""])
def test_file_says_which_setting_is_missing(settings, value):
    settings.SMS_FILE_PATH = value
    with pytest.raises(ImproperlyConfigured, match="SMS_FILE_PATH"):
        file.SMSBackend().send(MESSAGE)


def test_no_repr_shows_contact_or_text():
    assert repr(MESSAGE) == "Message(channel='sms')"
