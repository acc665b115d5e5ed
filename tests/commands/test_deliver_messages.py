"""manage.py deliver_messages."""

import io

import pytest
from django.core import mail
from django.core.management import call_command


@pytest.fixture
def waiting(sign_up, send_code, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("customer_registration.messaging.deliver", lambda message_id: None)
        for number in range(3):
            send_code(sign_up(f"p{number}@example.com"))


def test_it_delivers_what_waits_and_says_how_much(waiting):
    out = io.StringIO()
    call_command("deliver_messages", limit=2, stdout=out)
    assert out.getvalue() == "2 sent\n"
    assert len(mail.outbox) == 2
    call_command("deliver_messages", stdout=out)
    assert out.getvalue() == "2 sent\n1 sent\n"
