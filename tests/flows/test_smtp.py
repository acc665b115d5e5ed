"""A real SMTP server on loopback."""

import socket
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from customer_registration import messaging

pytestmark = pytest.mark.life_cycle


class Mailbox(Sink):
    """An SMTP server's handler that keeps envelopes."""

    def __init__(self):
        super().__init__()
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def smtp_port(mail_through):
    """A port of nobody's, as the project's mail server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mail_through("smtp", host="127.0.0.1", port=port)
    return port


@pytest.fixture
def smtp(smtp_port):
    """A real mail server."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=smtp_port)
    controller.start()
    yield mailbox
    controller.stop()


def test_a_real_smtp_server_receives_text_and_html(queued, smtp):
    assert messaging.deliver(queued.pk) is True
    [envelope] = smtp.envelopes
    assert envelope.rcpt_tos == ["jane@example.com"]
    message = message_from_bytes(envelope.content, policy=policy.default)
    code = queued.otp.code()
    assert code in message.get_body(("plain",)).get_content()
    assert code in message.get_body(("html",)).get_content()
    assert "Jané" in message.get_body(("plain",)).get_content()
    assert message["Subject"] == f"{code} is your verification code"


def test_an_smtp_server_that_is_gone_is_tried_again(queued, smtp_port):
    assert messaging.deliver(queued.pk) is False
    queued.refresh_from_db()
    assert queued.state == "queued"
    assert "ConnectionRefusedError" in queued.last_error
